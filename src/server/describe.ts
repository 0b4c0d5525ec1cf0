/**
 * Valibot schemas as JSON Schema, for the description of the routes. Only what the routes use is known here; a schema of another
 * kind is a defect, noticed by the first test that asks for the description.
 */
import type { GenericSchema } from 'valibot'

export type JsonSchema = { readonly [keyword: string]: unknown }

export function describe(schema: GenericSchema): JsonSchema {
  const described = describeType(schema)
  return 'pipe' in schema && Array.isArray(schema.pipe) ? { ...described, ...describeLimits(schema.pipe) } : described
}

function describeType(schema: GenericSchema): JsonSchema {
  switch (schema.type) {
    case 'string':
      return { type: 'string' }
    case 'number':
      return { type: 'number' }
    case 'boolean':
      return { type: 'boolean' }
    case 'null':
      return { type: 'null' }
    case 'any':
    case 'unknown':
    // Checked by a function: any JSON.
    case 'custom':
      return {}
    case 'literal':
      return 'literal' in schema ? { const: schema.literal } : {}
    case 'picklist':
      return 'options' in schema ? { enum: schema.options } : {}
    case 'nullable':
      return { anyOf: [wrapped(schema), { type: 'null' }] }
    case 'optional':
      return wrapped(schema)
    case 'array':
      return { type: 'array', items: describe(partOf(schema, 'item')) }
    case 'tuple':
      return { type: 'array', prefixItems: partsOf(schema, 'items').map(describe) }
    case 'union':
    case 'variant':
      return { anyOf: partsOf(schema, 'options').map(describe) }
    case 'record':
      return { type: 'object', additionalProperties: describe(partOf(schema, 'value')) }
    case 'object':
    case 'loose_object':
    case 'strict_object':
      return describeObject(schema)
    default:
      throw new Error(`no description for a schema of type ${schema.type}`)
  }
}

function describeObject(schema: GenericSchema): JsonSchema {
  const entries = Object.entries('entries' in schema && isObject(schema.entries) ? schema.entries : {})
  const properties: Record<string, JsonSchema> = {}
  const required: string[] = []
  for (const [key, entry] of entries) {
    if (!isSchema(entry)) throw new Error(`no schema: ${key}`)
    properties[key] = describe(entry)
    if (entry.type !== 'optional') required.push(key)
  }
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...(schema.type === 'strict_object' ? { additionalProperties: false } : {}),
  }
}

function describeLimits(pipe: readonly unknown[]): JsonSchema {
  const limits: Record<string, unknown> = {}
  for (const action of pipe) {
    if (!isObject(action) || !('requirement' in action)) continue
    const { requirement } = action
    switch (action['type']) {
      case 'regex':
        limits['pattern'] = requirement instanceof RegExp ? requirement.source : requirement
        break
      case 'min_length':
        limits['minLength'] = requirement
        break
      case 'max_length':
        limits['maxLength'] = requirement
        break
      case 'min_value':
        limits['minimum'] = requirement
        break
      case 'max_value':
        limits['maximum'] = requirement
        break
    }
  }
  return limits
}

function wrapped(schema: GenericSchema): JsonSchema {
  return describe(partOf(schema, 'wrapped'))
}

function partOf(schema: GenericSchema, key: string): GenericSchema {
  const part = isObject(schema) ? schema[key] : undefined
  if (!isSchema(part)) throw new Error(`${schema.type} without ${key}`)
  return part
}

function partsOf(schema: GenericSchema, key: string): readonly GenericSchema[] {
  const parts = isObject(schema) ? schema[key] : undefined
  if (!Array.isArray(parts)) throw new Error(`${schema.type} without ${key}`)
  return parts.map((part: unknown) => {
    if (!isSchema(part)) throw new Error(`${schema.type}: a part is no schema`)
    return part
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isSchema(value: unknown): value is GenericSchema {
  return isObject(value) && value['kind'] === 'schema'
}

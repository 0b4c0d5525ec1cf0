/**
 * SQLite's types of columns as PostgreSQL's, in every statement that makes a table or a column.
 *
 * | SQLite    | PostgreSQL          | why                                                                                            |
 * |-----------|---------------------|------------------------------------------------------------------------------------------------|
 * | `integer` | `bigint`            | SQLite's has 64 bits; a device's number may be any safe integer                                |
 * | `real`    | `double precision`  | SQLite's has 64 bits; PostgreSQL's `real` would round a time to minutes                        |
 * | `text`    | `text collate "C"`  | keys are compared by their bytes, as in SQLite; a language's order would skip `/` and lose rows |
 */
import {
  DataTypeNode,
  OperationNodeTransformer,
  sql,
  type ColumnDefinitionNode,
  type KyselyPlugin,
  type OperationNode,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryId,
  type QueryResult,
  type RootOperationNode,
  type UnknownRow,
} from 'kysely'

const TYPES: Readonly<Partial<Record<DataTypeNode['dataType'], OperationNode>>> = {
  integer: sql`bigint`.toOperationNode(),
  real: sql`double precision`.toOperationNode(),
  text: sql`text collate "C"`.toOperationNode(),
}

class Transformer extends OperationNodeTransformer {
  protected override transformColumnDefinition(node: ColumnDefinitionNode, queryId?: QueryId): ColumnDefinitionNode {
    const transformed = super.transformColumnDefinition(node, queryId)
    const { dataType } = node
    const type = DataTypeNode.is(dataType) ? TYPES[dataType.dataType] : undefined
    return type === undefined ? transformed : { ...transformed, dataType: type }
  }
}

export class PostgresTypes implements KyselyPlugin {
  readonly #transformer = new Transformer()

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    return this.#transformer.transformNode(node, queryId)
  }

  transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return Promise.resolve(result)
  }
}

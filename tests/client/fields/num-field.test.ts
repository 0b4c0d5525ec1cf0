import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import NumField from '#client/ui/fields/NumField.vue'

let field: VueWrapper
beforeEach(() => {
  field = mount(NumField, { props: { id: 'f', value: '12', unit: '人' }, attachTo: document.body })
})
afterEach(() => {
  field.unmount()
  vi.useRealTimers()
})

const input = (): HTMLInputElement => field.get('input').element

async function type(text: string): Promise<void> {
  input().value = text
  await field.get('input').trigger('input')
}

describe('a number field', () => {
  test('shows the value it is given', async () => {
    expect(input().value).toBe('12')
    await field.setProps({ value: '13' })
    expect(input().value).toBe('13')
  })

  test('keeps what is typed while it has the focus, whatever value comes in', async () => {
    input().focus()
    await type('2。')
    await field.setProps({ value: '2' })
    expect(input().value).toBe('2。')
    expect(field.emitted('type')).toEqual([['2。']])
  })

  test('shows the value again after it is left', async () => {
    vi.useFakeTimers()
    input().focus()
    await type('2。5')
    await field.setProps({ value: '2.5' })
    input().blur()
    vi.runAllTimers()
    expect(input().value).toBe('2.5')
    expect(field.emitted('settle')).toHaveLength(1)
  })

  test('keeps the text when it is left before the text has come back', async () => {
    vi.useFakeTimers()
    input().focus()
    await type('135')
    input().blur()
    expect(input().value).toBe('135')
    await field.setProps({ value: '135' })
    vi.runAllTimers()
    expect(input().value).toBe('135')
  })

  test('does not take the letters of an unfinished composition for text', () => {
    input().focus()
    input().value = 'er'
    input().dispatchEvent(new InputEvent('input', { isComposing: true }))
    expect(field.emitted('type')).toBeUndefined()
    input().value = '二'
    input().dispatchEvent(new CompositionEvent('compositionend'))
    expect(field.emitted('type')).toEqual([['二']])
  })

  test('goes on with Enter, back with Shift, and not while composing', async () => {
    input().focus()
    await field.get('input').trigger('keydown', { key: 'Enter', isComposing: true })
    expect(field.emitted('next')).toBeUndefined()
    await field.get('input').trigger('keydown', { key: 'Enter' })
    await field.get('input').trigger('keydown', { key: 'Enter', shiftKey: true })
    expect(field.emitted('next')).toEqual([[false], [true]])
    expect(field.emitted('settle')).toHaveLength(2)
  })

  test('is left without harm where it is taken away while it has the focus', () => {
    const failed = vi.fn()
    const gone = mount(NumField, {
      props: { id: 'g', value: '12' },
      attachTo: document.body,
      global: { config: { errorHandler: failed } },
    })
    const { element } = gone.get('input')
    element.focus()
    gone.unmount()
    // A browser says so while it takes the element out, which is after the component let go of it.
    element.dispatchEvent(new FocusEvent('blur'))
    expect(failed).not.toHaveBeenCalled()
  })

  test('asks the tablet for the right keyboard and never for the browser’s own number field', () => {
    expect(input().type).toBe('text')
    expect(input().inputMode).toBe('numeric')
    const decimal = mount(NumField, { props: { id: 'd', value: '', decimal: true } })
    expect((decimal.get('input').element as HTMLInputElement).inputMode).toBe('decimal')
    decimal.unmount()
  })
})

import { mount } from '@vue/test-utils'
import { describe, expect, test } from 'vitest'
import Choice from '#client/ui/fields/Choice.vue'
import Choices from '#client/ui/fields/Choices.vue'
import YesNo from '#client/ui/fields/YesNo.vue'

const CHOICES = ['a', 'b', 'c'].map((key) => ({ key, label: `label ${key}` }))
const base = { id: 'f', labelledby: 'l' }

describe('answers', () => {
  test('yes and no are a group of radios, and the answer can be taken back', async () => {
    const field = mount(YesNo, { props: { ...base, value: '' } })
    expect(field.get('[role=radiogroup]').attributes('aria-labelledby')).toBe('l')
    expect(field.find('button').exists()).toBe(false)
    await field.get('input[value=false]').trigger('change')
    await field.setProps({ value: 'false' })
    await field.get('button').trigger('click')
    expect(field.emitted('answer')).toEqual([['false'], [null]])
  })

  test('a few choices stand in sight, many are a native list', async () => {
    const few = mount(Choice, { props: { ...base, value: 'b', choices: CHOICES } })
    expect(few.findAll('input[type=radio]')).toHaveLength(3)
    expect((few.get('input[value=b]').element as HTMLInputElement).checked).toBe(true)
    const many = mount(Choice, {
      props: { ...base, value: '', choices: [...'abcdefg'].map((key) => ({ key, label: key })) },
    })
    expect(many.findAll('option')).toHaveLength(8)
    await many.get('select').setValue('g')
    await many.get('select').setValue('')
    expect(many.emitted('answer')).toEqual([['g'], [null]])
  })

  test('ticks are written in the order asked, whatever the order of ticking', async () => {
    const field = mount(Choices, { props: { ...base, value: 'c', choices: CHOICES } })
    await field.findAll('input')[0]?.trigger('change')
    expect(field.emitted('answer')).toEqual([['a,c']])
  })

  test('the last tick taken away leaves an empty cell and not an empty text', async () => {
    const field = mount(Choices, { props: { ...base, value: 'b', choices: CHOICES } })
    await field.findAll('input')[1]?.trigger('change')
    expect(field.emitted('answer')).toEqual([[null]])
  })
})

import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { expect, test } from 'vitest'
import { defineComponent, nextTick, ref } from 'vue'
import { memoryDevice } from '#client/device/memory-device'
import { useKeptText } from '#client/state/use-kept-text'
import { useSession } from '#client/state/session'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'

const person: Person = { username: 'wang', name: '王校长', role: 'principal', orgUnits: ['u1'] }
const unit: OrgUnit = { code: 'u1', name: '学校', type: 'primary', ownership: 'public' }

async function signIn() {
  setActivePinia(createPinia())
  const device = await memoryDevice({ person, orgUnits: [unit] })
  useSession().device = device
  return device
}

/** A place where something is written; closed and opened as a dialog is. */
function opened(first = '') {
  const name = ref('return/a')
  const writing = defineComponent({
    setup: () => ({
      ...useKeptText(
        () => name.value,
        () => first,
      ),
    }),
    template: '<textarea v-model="text"></textarea>',
  })
  const page = mount(writing)
  const field = () => page.get('textarea').element
  return { page, name, field, type: (text: string) => page.get('textarea').setValue(text) }
}

test('what was begun is there when the place is opened again, and gone once it was sent', async () => {
  const device = await signIn()
  const first = opened('from the comments')
  expect(first.field().value).toBe('from the comments')
  await first.type('half a sen')
  first.page.unmount()

  const second = opened('from the comments')
  await expect.poll(() => second.field().value).toBe('half a sen')
  second.page.vm.forget()
  await nextTick()
  expect(second.field().value).toBe('from the comments')
  second.page.unmount()
  const third = opened('from the comments')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(third.field().value).toBe('from the comments')
  await device.close()
})

test('each place has its own, and a key that came before the reading is not undone by it', async () => {
  const device = await signIn()
  const { name, field, type, page } = opened()
  await type('of a')
  name.value = 'return/b'
  await expect.poll(() => field().value).toBe('')
  await type('of b')
  name.value = 'return/a'
  await nextTick()
  await type('newer')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(field().value).toBe('newer')
  name.value = 'return/b'
  await expect.poll(() => field().value).toBe('of b')
  page.unmount()
  await device.close()
})

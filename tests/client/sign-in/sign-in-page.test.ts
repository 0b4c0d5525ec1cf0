import { createPinia, setActivePinia } from 'pinia'
import { flushPromises, mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter } from 'vue-router'
import { beforeEach, expect, test } from 'vitest'
import SignInPage from '#client/features/sign-in/SignInPage.vue'
import { useSession, type SignInFault } from '#client/state/session'
import { failed, ok, type Result } from '#domain/fault'

let answer: Result<void, SignInFault>
let asked: (readonly [string, string])[]

beforeEach(() => {
  asked = []
  answer = ok(undefined)
})

async function open(address = '/sign-in') {
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  session.phase = 'signedOut'
  session.peopleKnown = [{ username: 'wang', name: '王校长', role: 'principal', orgUnits: [] }]
  session.demoAccounts = [{ username: 'li', name: '李老师', role: 'filler', password: 'demo' }]
  session.signIn = (username, password) => {
    asked.push([username, password])
    return Promise.resolve(answer)
  }
  const blank = { template: '<p></p>' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:all(.*)*', component: blank }],
  })
  await router.push(address)
  const page = mount(SignInPage, { global: { plugins: [pinia, router] }, attachTo: document.body })
  const type = async (username: string, password: string) => {
    await page.get('input[name=username]').setValue(username)
    await page.get('input[name=password]').setValue(password)
    await page.get('form').trigger('submit')
    await flushPromises()
  }
  return { page, router, type, fault: () => page.get('[role=alert]').text() }
}

test('the person goes where they wanted to go', async () => {
  const { type, router } = await open('/sign-in?next=/u/u1/2024/fill/staff')
  await type(' wang ', 'right')
  expect(asked).toEqual([['wang', 'right']])
  expect(router.currentRoute.value.fullPath).toBe('/u/u1/2024/fill/staff')
})

test.each(['https://elsewhere.example', '//elsewhere.example', 'javascript:alert(1)'])(
  'an address outside of the app is not followed: %s',
  async (next) => {
    const { type, router } = await open(`/sign-in?next=${encodeURIComponent(next)}`)
    await type('wang', 'right')
    expect(router.currentRoute.value.fullPath).toBe('/')
  },
)

test.each<[SignInFault, string]>([
  [{ kind: 'session.wrongPassword' }, '用户名和密码对不上，请再看一下'],
  [{ kind: 'session.tooManyAttempts', values: { seconds: 90 } }, '试的次数太多，请 2 分钟后再试'],
  [{ kind: 'account.disabled' }, '这个账号已停用，请联系区教育局'],
  [{ kind: 'unreachable' }, '连不上区教育局。第一次登录要联网，请连上网再试'],
  [{ kind: 'plan.invalid' }, '现在登录不了，请过一会儿再试；还是这样，请告诉信息管理员（plan.invalid）'],
])('what went wrong is said in place, and the password stays to be corrected: %j', async (fault, sentence) => {
  answer = failed(fault)
  const { page, type, fault: said } = await open()
  await type('wang', 'wrong')
  expect(said()).toBe(sentence)
  const field = page.get<HTMLInputElement>('input[name=password]').element
  expect(field.value).toBe('wrong')
  expect(document.activeElement).toBe(field)
})

test('an empty field is named before anything is sent', async () => {
  const { type, fault } = await open()
  await type('', 'x')
  expect(fault()).toBe('请填用户名')
  await type('wang', '')
  expect(fault()).toBe('请填密码')
  expect(asked).toEqual([])
})

test('who was here before is one touch away from their password, a demo account from everything', async () => {
  const { page, router } = await open()
  const button = (text: string) => {
    const found = page.findAll('button').find((each) => each.text().includes(text))
    if (found === undefined) throw new Error(`no button ${text}`)
    return found
  }
  await button('王校长').trigger('click')
  expect(page.get<HTMLInputElement>('input[name=username]').element.value).toBe('wang')
  expect(document.activeElement).toBe(page.get('input[name=password]').element)
  await button('李老师').trigger('click')
  await flushPromises()
  expect(asked).toEqual([['li', 'demo']])
  expect(router.currentRoute.value.path).toBe('/')
})

test('the password can be looked at', async () => {
  const { page } = await open()
  const field = () => page.get('input[name=password]').attributes('type')
  expect(field()).toBe('password')
  await page.get('button[aria-pressed]').trigger('click')
  expect(field()).toBe('text')
})

test('whose work is still on this tablet stands beside the name, and how much', async () => {
  const { page } = await open()
  const session = useSession()
  session.peopleKnown = ['wang', 'li', 'zhao', 'qian'].map((username) => ({
    username,
    name: username,
    role: 'filler',
    orgUnits: [],
  }))
  session.unsentOf = new Map([
    ['wang', { values: 4, refused: 2, drafts: 1 }],
    ['li', { values: 0, refused: 2, drafts: 0 }],
    ['zhao', { values: 0, refused: 0, drafts: 0 }],
  ])
  await flushPromises()
  expect(page.findAll('.gate__people .quick').map((known) => known.text().replace(/\s+/g, ' ').trim())).toEqual(
    expect.arrayContaining(['wang 5 项没送出', 'li 2 项没收下', 'zhao', 'qian']),
  )
  expect(page.text()).toContain('本人登录后接着送')
})

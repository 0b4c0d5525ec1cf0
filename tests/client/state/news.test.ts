import { expect, test } from 'vitest'
import type { ShownCell, ShownStream } from '#client/device/contract'
import { commentsIn, spokenOfIn } from '#client/state/comments'
import { newsIn, unreadIn } from '#client/state/news'
import { newsAddress, newsWords } from '#client/state/news-words'
import { lifeOf } from '#client/state/report-life'
import '../all-messages'
import { confirmed, onDevice } from './cells'
import { smallPlan } from './small-plan'

const stream = (cells: Readonly<Record<string, ShownCell>>): ShownStream => ({
  ...{ stream: 's/u', cells: new Map(Object.entries(cells)), drafts: new Map() },
})
const ABOUT = { period: '2024', dataSet: 'staff', element: 'teachers' }
const said = (id: string, text: string, by: string, at: number): Record<string, ShownCell> => ({
  [`c/${id}/about`]: confirmed(ABOUT, { by, at }),
  [`c/${id}/text`]: confirmed(text, { by, at }),
})
const CELLS = {
  'w/2024/staff': confirmed({ state: 'returned', why: '请核对', marks: ['teachers'] }, { by: 'shen', at: 30 }),
  'w/2024/house': confirmed({ state: 'submitted', seen: '0123456789abcdef' }, { by: 'wang', at: 40 }),
  'v/2024/teachers': confirmed('3', { by: 'li', at: 50 }),
  ...said('c-aaaaaaaaaaaaa', '与系统不同', 'shen', 20),
  ...said('c-bbbbbbbbbbbbb', '已核对', 'wang', 60),
}

test('news is what others did and said about reports, newest first; one’s own is none, and values are none', () => {
  const news = newsIn(stream(CELLS), 'wang')
  expect(news.map(({ kind, seq }) => [kind, seq])).toEqual([
    ['state', 30],
    ['comment', 20],
  ])
  expect(unreadIn(news, 20).map(({ seq }) => seq)).toEqual([30])
  expect(unreadIn(news, 30)).toEqual([])
})

test('what waits on this tablet is no news yet', () => {
  expect(newsIn(stream({ 'w/2024/staff': onDevice({ state: 'withdrawn' }, { by: 'li' }) }), 'wang')).toEqual([])
})

test('news says who did what, and leads to the value', () => {
  const [returned, comment] = newsIn(stream(CELLS), 'wang')
  if (returned === undefined || comment === undefined) throw new Error('two pieces of news')
  const needs = { plan: smallPlan(), unit: undefined, who: '审核员' }
  expect(newsWords(returned, needs)).toBe('审核员 退回了“师生”1 项')
  expect(newsWords(comment, needs)).toBe('审核员 对“教师数”说')
  expect(newsAddress('u', comment)).toBe('/u/u/2024/fill/staff#teachers')
})

test('a comment is there with its words and its place, in the order in which the server had them', () => {
  const cells = { ...said('c-ccccccccccccc', '后来', 'li', 9), ...said('c-ddddddddddddd', '先前', 'li', 8) }
  expect(commentsIn(stream(cells)).map(({ text }) => text)).toEqual(['先前', '后来'])
  expect(commentsIn(stream({ 'c/c-eeeeeeeeeeeee/text': confirmed('没有位置') }))).toEqual([])
})

test('spoken of is what was returned, as long as it is, and what has a comment in this report', () => {
  const at = { period: '2024', dataSet: 'staff' }
  const all = stream(CELLS)
  expect([...spokenOfIn(all, at, lifeOf(all, at))]).toEqual(['teachers'])
  expect([...spokenOfIn(all, { period: '2024', dataSet: 'house' }, lifeOf(all, { period: '2024', dataSet: 'house' }))]).toEqual(
    [],
  )
  const marked = stream({ 'w/2024/staff': confirmed({ state: 'returned', why: '请核对', marks: ['pupils.primary'] }) })
  expect([...spokenOfIn(marked, at, lifeOf(marked, at))]).toEqual(['pupils.primary'])
})

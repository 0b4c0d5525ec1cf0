/**
 * The sentence of every fault, in both languages. It says what to do, in polite words, and never blames.
 *
 * The values that a sentence can use stand beside its kind; each of them may be missing, and the sentence reads well without it.
 * How the person who sees it is to find the place is told by the fault's path, not here.
 */
import type { Fault, FaultKind } from './fault'
import type { Text } from './text'

type Values = NonNullable<Fault['values']>

export function faultText(fault: Pick<Fault, 'kind' | 'values'>): Text {
  return TEXTS[fault.kind](fault.values ?? {})
}

const TEXTS: Readonly<Record<FaultKind, (values: Values) => Text>> = {
  'body.notJson': () => ({
    zh: '请核对发来的内容：它应是一份 JSON。',
    en: 'Please check what was sent: it should be JSON.',
  }),
  'body.tooLarge': ({ limitBytes }) => ({
    zh: `内容太大了${given(limitBytes, (bytes) => `，一次最多 ${bytes} 字节`)}，请分几次发送。`,
    en: `This is too large${given(limitBytes, (bytes) => `, at most ${bytes} bytes at a time`)}; please send it in parts.`,
  }),
  'body.invalid': ({ problem }) => ({
    zh: `请核对发来的内容${given(problem, (it) => `：${it}`)}。`,
    en: `Please check what was sent${given(problem, (it) => `: ${it}`)}.`,
  }),
  'query.invalid': ({ problem }) => ({
    zh: `请核对地址里的参数${given(problem, (it) => `：${it}`)}。`,
    en: `Please check the parameters of the address${given(problem, (it) => `: ${it}`)}.`,
  }),
  'session.missing': () => ({ zh: '请先登录。', en: 'Please sign in first.' }),
  'session.wrongPassword': () => ({
    zh: '用户名和密码对不上，请核对后再试。',
    en: 'User name and password do not match; please check them and try again.',
  }),
  'session.tooManyAttempts': ({ seconds }) => ({
    zh: `试的次数多了，请${given(seconds, (it) => ` ${it} 秒`, '稍等')}后再试。`,
    en: `That was tried too often; please try again ${given(seconds, (it) => `in ${it} seconds`, 'a little later')}.`,
  }),
  'right.missing': () => ({
    zh: '这个账号没有这项权限，请联系区教育局。',
    en: 'This account does not have the right to do this; please ask the education bureau.',
  }),
  'origin.foreign': () => ({
    zh: '请从优学填报自己的页面进行这一步。',
    en: 'Please do this from a page of Youxue itself.',
  }),
  'route.unknown': ({ route }) => ({
    zh: `请核对地址：这里没有${given(route, (it) => ` ${it}`, '这一页')}。`,
    en: `Please check the address: there is no ${given(route, String, 'such page')} here.`,
  }),
  'element.unknown': ({ element }) => ({
    zh: `请核对填报项：规划里没有${given(element, (it) => ` ${it}`, '这一项')}。`,
    en: `Please check the data element: the plan has no ${given(element, String, 'such element')}.`,
  }),
  'element.notAsked': ({ element, label, orgUnit }) => ({
    zh: `请核对填报项：${given(label ?? element, String, '这一项')}不用${given(orgUnit, (it) => ` ${it} `, '这所学校')}填报。`,
    en: `Please check the data element: ${given(element, String, 'it')} is not asked of ${given(orgUnit, String, 'this unit')}.`,
  }),
  'period.unknown': ({ period }) => ({
    zh: `请核对年度：规划里没有${given(period, (it) => ` ${it}`, '这一年')}。`,
    en: `Please check the period: the plan has no ${given(period, String, 'such period')}.`,
  }),
  'orgUnit.unknown': ({ orgUnit }) => ({
    zh: `请核对学校代码：没有${given(orgUnit, (it) => ` ${it}`, '这所学校')}。`,
    en: `Please check the org unit: there is no ${given(orgUnit, String, 'such unit')}.`,
  }),
  'orgUnit.invalid': ({ problem }) => ({
    zh: `请核对学校资料${given(problem, (it) => `：${it}`)}。`,
    en: `Please check the org unit${given(problem, (it) => `: ${it}`)}.`,
  }),
  'dataSet.unknown': ({ dataSet }) => ({
    zh: `请核对报表：规划里没有${given(dataSet, (it) => ` ${it}`, '这张表')}。`,
    en: `Please check the data set: the plan has no ${given(dataSet, String, 'such data set')}.`,
  }),
  'figure.unknown': ({ figure }) => ({
    zh: `请核对指标：规划里没有${given(figure, (it) => ` ${it}`, '这一项')}。`,
    en: `Please check the figure: the plan has no ${given(figure, String, 'such figure')}.`,
  }),
  'value.notANumber': ({ typed }) => ({
    zh: `请核对：${given(typed, (it) => `“${it}”`, '这里')}还不是一个数。`,
    en: `Please check: ${given(typed, (it) => `"${it}"`, 'this')} is not a number yet.`,
  }),
  'value.notWhole': ({ typed }) => ({
    zh: `请核对：这里填整数${given(typed, (it) => `，现在是 ${it}`)}。`,
    en: `Please check: this is counted in whole numbers${given(typed, (it) => `, and is now ${it}`)}.`,
  }),
  'value.negative': ({ typed }) => ({
    zh: `请核对：这里填 0 或更大的数${given(typed, (it) => `，现在是 ${it}`)}。`,
    en: `Please check: this is 0 or more${given(typed, (it) => `, and is now ${it}`)}.`,
  }),
  'value.outOfRange': ({ typed, max }) => ({
    zh: `请核对：${given(max, (it) => `最大是 ${it}`, '这个数超出了范围')}${given(typed, (it) => `，现在是 ${it}`)}。`,
    en: `Please check: ${given(max, (it) => `${it} is the most there can be`, 'this is out of range')}${given(typed, (it) => `, and it is now ${it}`)}.`,
  }),
  'value.notAChoice': ({ typed }) => ({
    zh: `请从选项里选${given(typed, (it) => `：没有“${it}”这一项`)}。`,
    en: `Please take one of the choices${given(typed, (it) => `: "${it}" is not among them`)}.`,
  }),
  'value.notYesNo': ({ typed }) => ({
    zh: `请填“是”或“否”${given(typed, (it) => `，现在是“${it}”`)}。`,
    en: `Please answer yes or no${given(typed, (it) => `; it is now "${it}"`)}.`,
  }),
  'value.tooLong': ({ max, length }) => ({
    zh: `文字长了些${given(length, (it) => `（${it} 字）`)}，请${given(max, (it) => `缩到 ${it} 字以内`, '缩短一些')}，更长的可作附件。`,
    en: `This text is long${given(length, (it) => ` (${it} characters)`)}; please keep it ${given(max, (it) => `within ${it} characters`, 'shorter')} and attach the rest as a file.`,
  }),
  'account.exists': ({ username }) => ({
    zh: `用户名${given(username, (it) => ` ${it} `)}已有人用，请换一个。`,
    en: `The user name${given(username, (it) => ` ${it}`)} is taken; please choose another.`,
  }),
  'account.invalid': ({ problem }) => ({
    zh: `请核对账号资料${given(problem, (it) => `：${it}`)}。`,
    en: `Please check the account${given(problem, (it) => `: ${it}`)}.`,
  }),
  'plan.invalid': ({ problem }) => ({
    zh: `请核对规划文件${given(problem, (it) => `：${it}`)}。`,
    en: `Please check the plan document${given(problem, (it) => `: ${it}`)}.`,
  }),
  'protocol.tooOld': () => ({
    zh: '这台平板上的优学填报版本旧了，请更新后再同步。填好的内容都还在。',
    en: 'Youxue on this tablet is out of date; please update it and sync again. All that was typed is still there.',
  }),
  'config.invalid': ({ problem }) => ({
    zh: `请核对服务器设置${given(problem, (it) => `：${it}`)}。`,
    en: `Please check the server's configuration${given(problem, (it) => `: ${it}`)}.`,
  }),
  'server.defect': () => ({
    zh: '服务器这边出了点问题，已经记下，请稍后再试。填好的内容都还在。',
    en: 'Something went wrong on the server and has been recorded; please try again later. All that was typed is still there.',
  }),
}

/** Words around a value where there is one, other words where there is none. */
function given(value: string | number | undefined, words: (text: string) => string, otherwise = ''): string {
  return value === undefined || value === '' ? otherwise : words(String(value))
}

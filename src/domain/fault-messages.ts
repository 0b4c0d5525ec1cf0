/**
 * The sentence of every fault, in both languages. It says what to do, in polite words, and never blames.
 *
 * The values that a sentence can use stand beside its kind; each of them may be missing, and the sentence reads well without it.
 * Where something is wrong with what a program sent, the fault's path is named; for a person's own field the screen shows the place.
 */
import type { Fault, FaultKind } from './fault'
import type { Language, Text } from './text'

type Values = NonNullable<Fault['values']>

export function faultText(fault: Pick<Fault, 'kind' | 'values' | 'path'>): Text {
  return TEXTS[fault.kind](fault.values ?? {}, fault.path)
}

/** What can be the matter with an org unit, an account, a window or a robot: the fault's `problem`. Any other problem gets the sentence without it. */
const PROBLEMS: ReadonlyMap<string, (values: Values) => Text> = new Map<string, (values: Values) => Text>([
  ['codeTwice', () => ({ zh: '同一个代码出现了两次', en: 'its code is there twice' })],
  ['nameMissing', () => ({ zh: '请写名称', en: 'it needs a name' })],
  ['secondDistrict', () => ({ zh: '本区只有一个，已经建好', en: 'there is one district, and it is made already' })],
  ['districtStays', () => ({ zh: '代表本区的这一个请保持“区”这个类型', en: 'the district itself stays of type district' })],
  ['noSuchDay', () => ({ zh: '日历上没有这一天', en: 'the calendar has no such day' })],
  ['noSuchTime', () => ({ zh: '日历上没有这个时间', en: 'the calendar has no such time' })],
  ['dueBeforeOpens', () => ({ zh: '截止早于开始', en: 'it is due before it opens' })],
  ['closesBeforeOpens', () => ({ zh: '关闭早于开始', en: 'it closes before it opens' })],
  ['closesBeforeDue', () => ({ zh: '关闭早于截止', en: 'it closes before it is due' })],
  ['extensionEmpty', () => ({ zh: '延期请写新的截止或关闭时间', en: 'an extension names a new time' })],
  ['windowTwice', () => ({ zh: '同一张表同一年度写了两次', en: 'a data set of a period is there twice' })],
  ['extensionTwice', () => ({ zh: '同一所学校写了两次', en: 'a school is there twice' })],
  ['webhookNameMissing', () => ({ zh: '请给机器人起个名字', en: 'a robot needs a name' })],
  ['webhookUrlMissing', () => ({ zh: '请填 Webhook 地址', en: 'it needs its webhook address' })],
  [
    'webhookUrlForm',
    () => ({ zh: 'Webhook 地址不完整，请从群里重新复制', en: 'its address is not whole; please copy it again' }),
  ],
  ['webhookNotHttps', () => ({ zh: '地址要以 https:// 开头', en: 'its address has to begin with https://' })],
  ['webhookPrivate', () => ({ zh: '不能用内部网络的地址', en: 'its address must not lie inside the network' })],
  [
    'webhookKeyMissing',
    () => ({
      zh: '地址里没有密钥，请核对是钉钉还是企业微信的机器人',
      en: 'its address has no key; please check whether it is one of DingTalk or of WeCom',
    }),
  ],
  ['webhookSecretOfDingtalk', () => ({ zh: '只有钉钉机器人有加签密钥', en: 'only a robot of DingTalk has a secret' })],
  ['webhookTwice', () => ({ zh: '同一个机器人写了两次', en: 'one robot is there twice' })],
  ['closedBeforeOpened', () => ({ zh: '停办日期早于开办日期', en: 'it closes before it opens' })],
  [
    'usernameForm',
    () => ({
      zh: '用户名请用文字、数字和 . _ -，以文字或数字开头，最多 40 个字',
      en: 'a user name has letters, digits and . _ -, begins with a letter or digit, and has at most 40 characters',
    }),
  ],
  ['nameLength', () => ({ zh: '姓名请写 1 到 100 个字', en: 'a name has 1 to 100 characters' })],
  [
    'passwordLength',
    ({ min, max }) => ({
      zh: `密码请设${given(min, (it) => ` ${it} 个字符以上`, '长一些')}${given(max, (it) => `、${it} 个字符以内`)}`,
      en: `a password has ${given(min, (it) => `at least ${it}`, 'more')}${given(max, (it) => ` and at most ${it}`)} characters`,
    }),
  ],
  ['passwordIsName', () => ({ zh: '密码请不要和用户名一样', en: 'a password is not the user name' })],
  ['passwordOld', () => ({ zh: '新密码请和原来的不一样', en: 'the new password differs from the old one' })],
  ['dataSetsOfFiller', () => ({ zh: '只有填报员可以指定报表', en: 'only a filler is given data sets' })],
  ['unitsOfBureau', () => ({ zh: '教育局的角色不用列学校', en: "the bureau's roles list no org units" })],
  ['lastAdmin', () => ({ zh: '至少要保留一个可用的管理员账号', en: 'one account of an administrator has to remain' })],
  ['unitsMissing', () => ({ zh: '学校的角色请至少列一所学校', en: "a school's roles list at least one org unit" })],
])

/** What can be the matter with a table of accounts as a whole. */
const CSV_PROBLEMS: ReadonlyMap<string, Text> = new Map([
  [
    'columns',
    { zh: '第一行要有 username、name、role、orgUnits 这几列', en: 'its first line names username, name, role and orgUnits' },
  ],
  ['empty', { zh: '一行账号也没有', en: 'it holds no account' }],
  ['tooMany', { zh: '行数太多，请分几次', en: 'it has too many lines; please send it in parts' }],
])

const TEXTS: Readonly<Record<FaultKind, (values: Values, path: string | undefined) => Text>> = {
  'body.notJson': () => ({
    zh: '请核对发来的内容：它应是一份 JSON。',
    en: 'Please check what was sent: it should be JSON.',
  }),
  'body.tooLarge': ({ limitBytes }) => ({
    zh: `内容太大了${given(limitBytes, (bytes) => `，一次最多 ${bytes} 字节`)}，请分几次发送。`,
    en: `This is too large${given(limitBytes, (bytes) => `, at most ${bytes} bytes at a time`)}; please send it in parts.`,
  }),
  // The problem is the schema's own word, which is English.
  'body.invalid': ({ problem }, path) => ({
    zh: `请核对发来的内容${given(path, (it) => `里的 ${it}`)}。`,
    en: `Please check what was sent${given(path, (it) => ` at ${it}`)}${given(problem, (it) => `: ${it}`)}.`,
  }),
  'query.invalid': ({ problem }, path) => ({
    zh: `请核对地址里的参数${given(path, (it) => ` ${it}`)}。`,
    en: `Please check the parameters of the address${given(path, (it) => ` at ${it}`)}${given(problem, (it) => `: ${it}`)}.`,
  }),
  'session.missing': () => ({ zh: '请先登录。', en: 'Please sign in first.' }),
  'session.revoked': () => ({
    zh: '这台平板已由管理员停用，请重新登录。填好的内容都还在。',
    en: 'This tablet was signed out by an administrator; please sign in again. All that was typed is still there.',
  }),
  'session.other': () => ({
    zh: '这个浏览器里已换了别人登录，请重新登录。填好的内容都还在。',
    en: 'Somebody else has signed in with this browser; please sign in again. All that was typed is still there.',
  }),
  'session.wrongPassword': () => ({
    zh: '用户名和密码对不上，请核对后再试。',
    en: 'User name and password do not match; please check them and try again.',
  }),
  'session.unknown': () => ({
    zh: '没有这个登录，可能已经结束了。',
    en: 'There is no such session; it may have ended already.',
  }),
  'password.oneTime': () => ({
    zh: '这是一次性密码，请先设一个自己的密码。',
    en: 'This is a one-time password. Please set one of your own first.',
  }),
  'password.wrong': () => ({ zh: '原密码不对，请再试一次。', en: 'That is not the present password. Please try again.' }),
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
  'report.locked': () => ({
    zh: '这张表已经提交或已通过审核，暂时不收改动；退回或重新打开后再导入。',
    en: 'The report has been submitted or approved and takes no changes now; import it once it was returned or reopened.',
  }),
  'orgUnit.unknown': ({ orgUnit }) => ({
    zh: `请核对学校代码：没有${given(orgUnit, (it) => ` ${it}`, '这所学校')}。`,
    en: `Please check the org unit: there is no ${given(orgUnit, String, 'such unit')}.`,
  }),
  'tablet.unknown': ({ tablet }) => ({
    zh: `请核对设备编号：没有${given(tablet, (it) => ` ${it} 这台平板`, '这台平板')}。`,
    en: `Please check the tablet: there is no ${given(tablet, String, 'such tablet')}.`,
  }),
  'orgUnit.invalid': (values) => ({
    zh: `请核对学校资料${given(values['orgUnit'], (it) => `（${it}）`)}${problemText(values, 'zh')}。`,
    en: `Please check the org unit${given(values['orgUnit'], (it) => ` ${it}`)}${problemText(values, 'en')}.`,
  }),
  'dataSet.unknown': ({ dataSet }) => ({
    zh: `请核对报表：规划里没有${given(dataSet, (it) => ` ${it}`, '这张表')}。`,
    en: `Please check the data set: the plan has no ${given(dataSet, String, 'such data set')}.`,
  }),
  'window.invalid': (values, path) => ({
    zh: `请核对填报时间${given(path, (it) => `（${it}）`)}${problemText(values, 'zh')}。`,
    en: `Please check the windows${given(path, (it) => ` at ${it}`)}${problemText(values, 'en')}.`,
  }),
  'window.changed': () => ({
    zh: '填报时间刚被别人改过，请先看新的再改。',
    en: 'Somebody else has just changed the windows; please look at them first.',
  }),
  'webhook.invalid': (values, path) => ({
    zh: `请核对群机器人${given(path, (it) => `（${it}）`)}${problemText(values, 'zh')}。`,
    en: `Please check the robots${given(path, (it) => ` at ${it}`)}${problemText(values, 'en')}.`,
  }),
  'webhook.changed': () => ({
    zh: '群机器人刚被别人改过，请先看新的再改。',
    en: 'Somebody else has just changed the robots; please look at them first.',
  }),
  'webhook.unknown': () => ({
    zh: '没有找到这个群机器人，请刷新后再试。',
    en: 'There is no such robot any more; please load the page again.',
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
  'account.csv': ({ problem, line }) => ({
    zh: `请核对表格${given(line, (it) => `第 ${it} 行`)}：${CSV_PROBLEMS.get(String(problem))?.zh ?? '读不出来'}。`,
    en: `Please check the table${given(line, (it) => ` at line ${it}`)}: ${CSV_PROBLEMS.get(String(problem))?.en ?? 'it cannot be read'}.`,
  }),
  'account.exists': ({ username }) => ({
    zh: `用户名${given(username, (it) => ` ${it} `)}已有人用，请换一个。`,
    en: `The user name${given(username, (it) => ` ${it}`)} is taken; please choose another.`,
  }),
  'account.invalid': (values) => ({
    zh: `请核对账号资料${problemText(values, 'zh')}。`,
    en: `Please check the account${problemText(values, 'en')}.`,
  }),
  'account.unknown': ({ username }) => ({
    zh: `请核对用户名：没有${given(username, (it) => ` ${it} 这个账号`, '这个账号')}。`,
    en: `Please check the user name: there is no ${given(username, (it) => `account ${it}`, 'such account')}.`,
  }),
  'account.disabled': () => ({
    zh: '这个账号已停用，请联系区教育局。平板上填好的内容都还在。',
    en: 'This account has been closed; please ask the education bureau. All that was typed on the tablet is still there.',
  }),
  'deposit.unknown': () => ({
    zh: '这不是优学填报导出的文件，或是更新的版本导出的。请选“未发送”文件。',
    en: 'This is no file of unsent work that Youxue wrote, or a newer version wrote it. Please choose such a file.',
  }),
  'file.unknown': () => ({
    zh: '没有这个文件，或者它不是给这所学校的。',
    en: 'There is no such file, or it does not belong to this school.',
  }),
  'file.offset': () => ({
    zh: '文件已传到别的位置，请从那里接着传。',
    en: 'The file has arrived up to another place. Please continue from there.',
  }),
  'file.content': () => ({
    zh: '这个文件的内容和它的类型不符。佐证请用照片（JPEG、PNG、WebP）或 PDF。',
    en: 'What is in this file is not what it is called. Please use photos (JPEG, PNG, WebP) or PDF as evidence.',
  }),
  'file.tooLarge': ({ max }) => ({
    zh: `文件请控制在${given(max, (it) => ` ${it} MB 以内`, '规定的大小以内')}。`,
    en: `Please keep the file within ${given(max, (it) => `${it} MB`, 'the allowed size')}.`,
  }),
  'file.dimensions': () => ({
    zh: '这张照片的尺寸太大。请用应用里的拍照或选图，会自动缩小。',
    en: 'This picture has too many pixels. Please take or choose it in the app, which makes it smaller.',
  }),
  'file.active': () => ({
    zh: '这个 PDF 里有会自己运行的内容，没有收下。请打印成一个新的 PDF 再用。',
    en: 'This PDF holds something that runs by itself, and was not taken. Please print it to a new PDF.',
  }),
  'file.digest': () => ({
    zh: '传到的内容和平板上的不一样，请重新传一次。',
    en: 'What arrived is not what the tablet has. Please send it again.',
  }),
  'file.tooMany': () => ({
    zh: '同时在传的文件太多，稍后会接着传。',
    en: 'Too many files are on their way at once; they go on a little later.',
  }),
  'deposit.damaged': () => ({
    zh: '这个文件在路上变了样，没有收下。请在原来的平板上再导出一次。',
    en: 'This file was changed on its way, and nothing of it was taken. Please export it again on the tablet that wrote it.',
  }),
  'deposit.forged': () => ({
    zh: '这个文件的签名和内容对不上，没有收下。请在原来的平板上再导出一次。',
    en: 'The seal of this file does not fit what is in it, and nothing was taken. Please export it again on the tablet that wrote it.',
  }),
  'deposit.unsealed': ({ name }) => ({
    zh: `这个文件没有签名，只能由${given(name, (it) => ` ${it} `, '填的人')}本人登录后交。`,
    en: `This file has no seal: only ${given(name, String, 'its author')} can hand it in, signed in by name.`,
  }),
  'deposit.revoked': ({ name }) => ({
    zh: `写这个文件的平板已停用，请${given(name, (it) => ` ${it} `, '填的人')}本人登录后交。`,
    en: `The tablet that wrote this file was stopped: only ${given(name, String, 'its author')} can hand it in, signed in by name.`,
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
  'server.full': () => ({
    zh: '服务器的存储空间满了，暂时收不下，管理员腾出空间后会自动继续。填好的内容都还在。',
    en: 'The server has no room left for now; it goes on by itself once its administrator has made some. All that was typed is still there.',
  }),
  'server.busy': () => ({
    zh: '服务器暂时忙不过来，过一会儿会自动再试。填好的内容都还在。',
    en: 'The server cannot answer just now; it is tried again by itself in a moment. All that was typed is still there.',
  }),
  'server.defect': () => ({
    zh: '服务器这边出了点问题，已经记下，请稍后再试。填好的内容都还在。',
    en: 'Something went wrong on the server and has been recorded; please try again later. All that was typed is still there.',
  }),
}

function problemText(values: Values, language: Language): string {
  const text = PROBLEMS.get(String(values['problem']))?.(values)[language]
  return given(text, (it) => (language === 'zh' ? `：${it}` : `: ${it}`))
}

/** Words around a value where there is one, other words where there is none. */
function given(value: string | number | undefined, words: (text: string) => string, otherwise = ''): string {
  return value === undefined || value === '' ? otherwise : words(String(value))
}

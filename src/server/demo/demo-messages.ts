/** What the demo says on the console, and what its people are called: plainly by their roles. */
import type { Role } from '#domain/person'
import type { Text } from '#domain/text'

const ROLE_NAMES: Readonly<Record<Role, Text>> = {
  principal: { zh: '校长', en: 'principal' },
  filler: { zh: '填报员', en: 'filler' },
  inspector: { zh: '督学', en: 'inspector' },
  reviewer: { zh: '审核员', en: 'reviewer' },
  leader: { zh: '领导', en: 'leader' },
  admin: { zh: '管理员', en: 'admin' },
}

/** Accounts have one name; like the org units' it is Chinese. */
export const demoName = (role: Role): string => ROLE_NAMES[role].zh

export const demoMessages = {
  making: (): Text => ({ zh: '正在编造演示数据 …', en: 'Making up the demo data …' }),
  offer: (password: string): Text => ({
    zh: `演示数据都是编造的。演示帐号的密码都是 ${password}：`,
    en: `All of the demo's data are made up. The password of every demo account is ${password}:`,
  }),
  account: ({ username, role }: { readonly username: string; readonly role: Role }): Text => ({
    zh: `  ${username.padEnd(10)} ${ROLE_NAMES[role].zh}`,
    en: `  ${username.padEnd(10)} ${ROLE_NAMES[role].en}`,
  }),
} as const

/** What the made people wrote in the demo's inspections and reports: data, like the schools' names. */
export const demoSentences = {
  photo: '演示照片.png',
  wanting: '现场不符合要求',
  answer: '已整改到位，照片为整改后现场。',
  sentBack: '只整改了一处，另一处仍有问题，请全部改好后再报。',
  withdrawn: '复核后确认符合要求，撤销。',
  remarks: ['今年新增两个班级。', '上年漏报一个校区，今年已补齐。', '部分活动因场地改造暂停。'],
  asking: ['与上年相差较大，请核对后说明原因。', '与学籍系统的人数不一致，请核对。', '请补充佐证材料，并核对口径。'],
  answering: '已按台账重新核对并修改。',
  returned: '个别数据与台账不一致，请按意见核对后重新提交。',
  reopened: '区级复核发现口径有调整，请重新填报后提交。',
} as const

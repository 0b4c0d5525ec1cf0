import { accounts } from './zh/accounts'
import { common } from './zh/common'
import { signIn } from './zh/sign-in'
import { conflict } from './zh/conflict'
import { history } from './zh/history'
import { home } from './zh/home'
import { entry } from './zh/entry'
import { hardware } from './zh/hardware'
import { inspection } from './zh/inspection'
import { syncCentre } from './zh/sync-centre'
import { overview } from './zh/overview'
import { photo } from './zh/photo'
import { record } from './zh/record'
import { report } from './zh/report'
import { review } from './zh/review'
import { comment } from './zh/comment'
import { filing } from './zh/filing'
import { settings } from './zh/settings'
import { tablets } from './zh/tablets'
import { webhooks } from './zh/webhooks'
import { windows } from './zh/windows'

/** All messages, by key. Each area of the interface has its file; keys begin with the area's name. */
export const zh = {
  ...common,
  ...accounts,
  ...signIn,
  ...conflict,
  ...history,
  ...home,
  ...entry,
  ...hardware,
  ...inspection,
  ...syncCentre,
  ...overview,
  ...photo,
  ...record,
  ...report,
  ...review,
  ...comment,
  ...filing,
  ...settings,
  ...tablets,
  ...webhooks,
  ...windows,
}

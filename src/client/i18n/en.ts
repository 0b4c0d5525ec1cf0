import { accounts } from './en/accounts'
import { common } from './en/common'
import { signIn } from './en/sign-in'
import { conflict } from './en/conflict'
import { history } from './en/history'
import { home } from './en/home'
import { entry } from './en/entry'
import { hardware } from './en/hardware'
import { inspection } from './en/inspection'
import { syncCentre } from './en/sync-centre'
import { overview } from './en/overview'
import { photo } from './en/photo'
import { record } from './en/record'
import { report } from './en/report'
import { review } from './en/review'
import { comment } from './en/comment'
import { filing } from './en/filing'
import { settings } from './en/settings'
import { tablets } from './en/tablets'
import { webhooks } from './en/webhooks'
import { windows } from './en/windows'

/** All messages, by key. Each area of the interface has its file; keys begin with the area's name. */
export const en = {
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

/** The pages of accounts as one part of the app, so that the first load names one file. */
import Account from './AccountPage.vue'
import Audit from './AuditPage.vue'
import People from './PeoplePage.vue'

export const PAGES = { Account, Audit, People }

/** Component tests mount parts of pages without their route, which would load the messages of the area. */
import { addMessages } from '#client/i18n/i18n'
import { zh } from '#client/i18n/zh'

addMessages(zh)

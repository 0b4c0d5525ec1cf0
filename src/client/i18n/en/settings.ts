import type { settings as zh } from '../zh/settings'

export const settings: Record<keyof typeof zh, string> = {
  'settings.title': 'Settings',
  'settings.display': 'Display',
  'settings.theme': 'Appearance',
  'settings.theme.system': 'System',
  'settings.theme.light': 'Light',
  'settings.theme.dark': 'Dark',
  'settings.theme.outdoor': 'Outdoor',
  'settings.themeNote': 'Outdoor: black on white and one size larger, readable in the sun.',
  'settings.language': 'Language',
  'settings.hand': 'Thumb buttons',
  'settings.hand.right': 'Right side',
  'settings.hand.left': 'Left side',

  'settings.account': 'Account',
  'settings.person': 'Name',
  'settings.username': 'Username',
  'settings.role': 'Role',
  'settings.units': 'Schools',
  'settings.allUnits': 'The whole district',
  'settings.noUnits': 'No school is assigned to this account yet; please ask the administrator',
  'settings.signOut': 'Sign out',
  'settings.signOut.title': 'Sign out?',
  'settings.signOut.unsent':
    '{n} have not reached the bureau and stay on this tablet. They go out when you sign in here again as "{name}".',
  'settings.signOut.nothing': 'The bureau has received everything you filled in.',
  'settings.signOut.others': 'Nobody else on this tablet sees what you filled in.',
  'settings.signOut.stay': 'Stay',

  'settings.device': 'This device',
  'settings.deviceName': 'Device number',
  'settings.offlineReady': 'Opens without a network',
  'settings.offlineReady.yes': 'Yes, the whole app is on this device',
  'settings.offlineReady.no': 'Not yet: keep it open online for a moment',
  'settings.offlineReady.never': 'No: this browser or this address does not support it; please use the https address',
  'settings.version': 'App version',
  'settings.update': 'A new version is here',
  'settings.plan': 'Plan',
  'settings.planVersion': '{title}, version {version}',
  'settings.install': 'Install on the home screen',
  'settings.installText':
    'Once installed it opens faster, and the system is less likely to clear unsent work. Choose "Add to home screen" in the browser’s menu.',

  'settings.notes': 'How it is counted',
  'settings.notesLead': 'Where the plan’s own text is silent, these choices apply. Source: {source}.',
  'settings.notesNone': 'This plan has no such notes.',
}

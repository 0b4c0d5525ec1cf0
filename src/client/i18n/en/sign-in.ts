import type { signIn as zh } from '../zh/sign-in'

export const signIn: Record<keyof typeof zh, string> = {
  'sign-in.title': 'Sign in',
  'sign-in.lead': 'Schools fill in on a tablet, with or without a network; once online, everything goes to the bureau by itself.',
  'sign-in.username': 'Username',
  'sign-in.password': 'Password',
  'sign-in.show': 'Show the password',
  'sign-in.hide': 'Hide the password',
  'sign-in.submit': 'Sign in',
  'sign-in.busy': 'Signing in',
  'sign-in.revoked':
    'This tablet was stopped, or the account has another password. What you typed is still on it; sign in on the network and it will be sent.',
  'sign-in.again': 'After signing in, what waits on this device goes on being sent.',
  'sign-in.offline':
    'There is no network now. The first sign-in needs one; who has signed in on this tablet before gets in with the same password.',
  'sign-in.known': 'Signed in on this tablet before',
  'sign-in.unsent': '{n} not sent',
  'sign-in.refused': '{n} not accepted',
  'sign-in.unsentNote': 'What was not sent stays on this tablet. It goes out when its author signs in; nobody else sees it.',
  'sign-in.demo': 'Demo accounts: one touch signs you in',
  'sign-in.demoNote': 'Schools and people are made up.',
  'sign-in.language': 'Language',
  'sign-in.needUsername': 'Please type the username',
  'sign-in.needPassword': 'Please type the password',
  'sign-in.fault.wrongPassword': 'Username and password do not fit, please look again',
  'sign-in.fault.disabled': 'This account was closed, please ask the bureau',
  'sign-in.fault.tooManyAttempts': 'Too many attempts, please try again in {minutes} min',
  'sign-in.fault.unreachable': 'The bureau cannot be reached. The first sign-in needs a network; please connect and try again',
  'sign-in.fault.other': 'Signing in does not work now, please try again later; if it stays so, tell the administrator ({kind})',
  'sign-in.first.lead':
    'This is a one-time password, and others know it. Please set one of your own first; from then on you sign in with it.',
  'sign-in.first.new': 'New password',
  'sign-in.first.hint': 'At least 8 characters. A sentence that you remember is better than something short and hard.',
  'sign-in.first.again': 'Once more',
  'sign-in.first.differ': 'The two differ. Please check them.',
  'sign-in.first.set': 'Set it and sign in',
  'sign-in.first.back': 'Use another account',
}

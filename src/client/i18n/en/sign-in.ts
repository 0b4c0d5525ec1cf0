import type { signIn as zh } from '../zh/sign-in'

export const signIn: Record<keyof typeof zh, string> = {}

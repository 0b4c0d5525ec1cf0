import type { settings as zh } from '../zh/settings'

export const settings: Record<keyof typeof zh, string> = {}

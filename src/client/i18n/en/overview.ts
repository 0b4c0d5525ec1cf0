import type { overview as zh } from '../zh/overview'

export const overview: Record<keyof typeof zh, string> = {}

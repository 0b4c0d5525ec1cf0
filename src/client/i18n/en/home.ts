import type { home as zh } from '../zh/home'

export const home: Record<keyof typeof zh, string> = {}

import type { common as zh } from '../zh/common'

export const common: Record<keyof typeof zh, string> = {}

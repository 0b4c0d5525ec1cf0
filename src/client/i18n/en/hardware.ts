import type { hardware as zh } from '../zh/hardware'

export const hardware: Record<keyof typeof zh, string> = {}

import type { syncCentre as zh } from '../zh/sync-centre'

export const syncCentre: Record<keyof typeof zh, string> = {}

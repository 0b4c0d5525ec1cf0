export const syncCentre = {}

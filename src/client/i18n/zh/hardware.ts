export const hardware = {}

/** The files of `src/client/ui/icons` by name, from the text of icons.svg. Throws on a drawing that has no outline. */
export function makeIcons(drawings: string): Promise<Readonly<Record<'icons.otf' | 'glyphs.ts', Buffer>>>

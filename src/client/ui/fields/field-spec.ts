/** What a field has to know to ask one thing. Words are already in the language of the interface. */
export type FieldChoice = { readonly key: string; readonly label: string }

export type FieldSpec =
  | { readonly kind: 'number'; readonly decimal: boolean; readonly unit?: string | undefined }
  | { readonly kind: 'yesno' }
  | { readonly kind: 'choice'; readonly choices: readonly FieldChoice[] }
  | { readonly kind: 'choices'; readonly choices: readonly FieldChoice[] }
  | { readonly kind: 'text' }

export type FieldTone = 'bad' | 'conflict' | undefined

/** More answers than this are a list that opens; up to it all of them are in sight. */
export const RADIOS_MAX = 6

export type AbsenceKind = 'notApplicable' | 'notAvailable'

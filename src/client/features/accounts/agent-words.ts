/** What a browser calls itself, as people call it; in the order in which the names contain one another. */
const BROWSERS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/MicroMessenger/, 'WeChat'],
  [/HuaweiBrowser/, 'Huawei Browser'],
  [/Edg/, 'Edge'],
  [/Firefox/, 'Firefox'],
  [/Chrome|CriOS/, 'Chrome'],
  [/Safari/, 'Safari'],
]
const SYSTEMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/iPad/, 'iPad'],
  [/iPhone/, 'iPhone'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/Linux/, 'Linux'],
]

/** `undefined`: a program, or a browser that nobody here knows. */
export function agentWords(agent: string): string | undefined {
  const nameIn = (known: typeof BROWSERS) => known.find(([pattern]) => pattern.test(agent))?.[1]
  const parts = [nameIn(SYSTEMS), nameIn(BROWSERS)].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(' · ')
}

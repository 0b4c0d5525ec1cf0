/**
 * From an empty folder: 3,000 org units and 150,000 values through `POST /api/dataValueSets`, and the figures compared with sums made here
 * from the rows that were sent, without the plan engine.
 */
import { inMs, perSecond, section } from './report'
import { ADMIN_PASSWORD, startServer } from './server'

const UNITS = 3000
const BATCH = 10_000
const PERIOD = '2024'

type Row = { readonly dataElement: string; readonly period: string; readonly orgUnit: string; readonly value: string }

const code = (index: number): string => `scale-${String(index + 1).padStart(4, '0')}`
const enrolment = (index: number): number => 300 + ((index * 37) % 900)

/** Fifty values of each unit, all primary schools. */
function rowsOf(index: number): readonly Row[] {
  const pupils = enrolment(index)
  const tested = pupils - (index % 7)
  const values: Record<string, string | number> = {
    'enrolment.primary': pupils,
    'classes.primary': Math.ceil(pupils / 40),
    'fullTimeTeachers.primary': Math.ceil(pupils / 17),
    groupRun: index % 3 === 0 ? 'true' : 'false',
    goodYouth: index % 5,
    'graduates.primary': 100 + (index % 50),
    'graduatesGood.primary': 90 + (index % 50),
    fitnessTested: tested,
    fitnessPassed: tested - (index % 11),
    counsellingNeeded: 20,
    counsellingEffective: 15 + (index % 6),
    studentEntries: 80,
    studentAwards: 30 + (index % 40),
    practiceDays: (60 + (index % 40)) / 10,
    teachersSurveyed: 40,
    teachersRatedGood: 30 + (index % 11),
    skillAwards: 10,
    skillFirstPrizes: index % 6,
    researchEntries: 20,
    researchAwards: 8 + (index % 9),
    researchFirstPrizes: index % 5,
    honouredTeachers: index % 4,
    masterInSchool: 'true',
    excellentInEverySubject: index % 10 === 0 ? 'false' : 'true',
    goodInEveryGrade: 'true',
    beautifulCampus: index % 300 === 0 ? 'true' : 'false',
    provincialTitle: index % 400 === 0 ? 'true' : 'false',
    featureProjects: index % 200 === 0 ? 1 : 0,
    researchSecondPrize: index % 150 === 0 ? 2 : 0,
    newPlaces: index % 9,
    surveyRespondents: 200,
    surveySatisfied: 170 + (index % 30),
    'publicFunds.primary': pupils * (1500 + (index % 200)),
    trainingFunds: 60000 + index,
    payroll: 2000000,
    newHousing: index % 3,
    expertLectures: index % 2,
    bandwidth: index % 10 === 0 ? '1.0' : '2.5',
    teachingPlaces: 60,
    wirelessPlaces: index % 20 === 0 ? 59 : 60,
    canteens: 1,
    canteensA: index % 4 === 0 ? 0 : 1,
    smartKitchens: 1,
    safeCampus: index % 50 === 0 ? '4A' : '5A',
    modernHardware: 'true',
    equipmentComplete: 'true',
    libraryBooks: pupils * 30,
    scienceRooms: 3,
    artRooms: 4,
    sportsVenues: 2,
  }
  return Object.entries(values).map(([dataElement, value]) => ({
    dataElement,
    period: PERIOD,
    orgUnit: code(index),
    value: String(value),
  }))
}

export async function benchImport(): Promise<void> {
  const rows = Array.from({ length: UNITS }, (_, index) => rowsOf(index)).flat()
  const total = (element: string): number =>
    rows.reduce((sum, row) => (row.dataElement === element ? sum + Number(row.value) : sum), 0)
  const having = (element: string, test: (value: string) => boolean): number =>
    rows.filter((row) => row.dataElement === element && test(row.value)).length
  const expected: Readonly<Record<string, number>> = {
    '1': total('goodYouth'),
    '2.primary': (100 * total('graduatesGood.primary')) / total('graduates.primary'),
    '3': (100 * total('fitnessPassed')) / total('fitnessTested'),
    '8.awards': total('skillAwards'),
    '8.first': (100 * total('skillFirstPrizes')) / total('skillAwards'),
    '11': (100 * having('excellentInEverySubject', (value) => value === 'true')) / UNITS,
    '12': having('beautifulCampus', (value) => value === 'true'),
    '18': total('newPlaces'),
    '23': (100 * total('surveySatisfied')) / total('surveyRespondents'),
    '24.primary': total('publicFunds.primary') / total('enrolment.primary'),
    'h.bandwidth': (100 * having('bandwidth', (value) => Number(value) >= 2.5)) / UNITS,
    'h.wireless': (100 * having('wirelessPlaces', (value) => value === '60')) / UNITS,
    'h.canteenA': total('canteensA'),
    'h.safeCampus': (100 * having('safeCampus', (value) => value === '5A')) / UNITS,
  }

  const server = await startServer()
  const admin = await server.signIn('admin', ADMIN_PASSWORD)
  const beganUnits = performance.now()
  const units = Array.from({ length: UNITS }, (_, index) => ({
    code: code(index),
    name: `规模第${index + 1}小学`,
    type: 'primary',
    ownership: 'public',
  }))
  const made = await admin.send('POST', '/api/orgUnits', JSON.stringify(units))
  if (made.status >= 300) throw new Error(made.text.slice(0, 300))
  const unitsMs = performance.now() - beganUnits
  await admin.send(
    'POST',
    '/api/accounts',
    JSON.stringify({ username: 'bench', name: 'bench', role: 'reviewer', orgUnits: [], password: 'bench-password-1' }),
  )
  const client = await server.signIn('bench', 'bench-password-1')
  const beganImport = performance.now()
  for (let from = 0; from < rows.length; from += BATCH) {
    const answer = await client.send('POST', '/api/dataValueSets', JSON.stringify({ dataValues: rows.slice(from, from + BATCH) }))
    if (answer.status >= 300 || !answer.text.includes('"ignored":0')) throw new Error(answer.text.slice(0, 500))
  }
  const importMs = performance.now() - beganImport
  const beganFigures = performance.now()
  const answer = await client.send('GET', `/api/figures?period=${PERIOD}`)
  const figuresMs = performance.now() - beganFigures
  const figures = (JSON.parse(answer.text) as { figures: { id: string; value: number | null }[] }).figures
  const wrong = Object.entries(expected).filter(([id, value]) => {
    const found = figures.find((figure) => figure.id === id)?.value
    return typeof found !== 'number' || Math.abs(found - value) > 1e-9 * Math.max(1, Math.abs(value))
  })
  const memory = await server.memory()
  await server.stop()
  section(`Import, ${UNITS} org units, ${rows.length.toLocaleString('en')} values through the API, from an empty folder`, [
    { what: 'org units', value: inMs(unitsMs) },
    {
      what: `values, in requests of ${BATCH.toLocaleString('en')}`,
      value: `${perSecond(rows.length, importMs)} (${inMs(importMs)})`,
    },
    { what: 'GET /api/figures, the first time', value: inMs(figuresMs) },
    {
      what: 'figures like the sums of the rows sent',
      value: `${Object.keys(expected).length - wrong.length} of ${Object.keys(expected).length}`,
      bound: 'all',
    },
    { what: 'memory of the server', value: `${memory.toFixed(0)} MB` },
  ])
  if (wrong.length > 0) {
    throw new Error(
      `figures differ: ${wrong.map(([id, value]) => `${id} ${value} ≠ ${String(figures.find((figure) => figure.id === id)?.value)}`).join('; ')}`,
    )
  }
}

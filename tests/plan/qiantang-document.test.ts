/**
 * The default plan document against the notice. The tables here were written from the notice and its indicator table, not from the
 * document, so that a slip in one of them shows.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ORG_UNIT_TYPES, type OrgUnit, type OrgUnitType, type Ownership } from '#domain/org-unit'
import { asksElement, dataSetsOf, isOpenInForm, matchesUnits } from '#plan/applicability'
import { itemsOf } from '#plan/inspection'
import { parsePlan } from '#plan/parse-plan'
import { elementsOfMeasure } from '#plan/plan'
import type { Condition, Figure, Term } from '#plan/schema'

const file = new URL('../../public/plans/qiantang-2022-2024.json', import.meta.url)
const json: unknown = JSON.parse(readFileSync(file, 'utf8'))
const parsed = parsePlan(json)
if (!parsed.ok) throw new Error(parsed.fault.map(({ path, message }) => `${path}: ${message.en}`).join('\n'))
const plan = parsed.value
const { document } = plan

const unit = (type: OrgUnitType, ownership: Ownership = 'public'): OrgUnit => ({ code: 'u-1', name: '演示', type, ownership })
const words = (text: string) => text.split(/\s+/).filter((word) => word !== '')
const BASIC: readonly OrgUnitType[] = [
  'kindergarten',
  'primary',
  'junior',
  'nineYear',
  'completeSecondary',
  'twelveYear',
  'senior',
  'vocational',
  'special',
]
const SCHOOLS = BASIC.filter((type) => !['kindergarten', 'vocational', 'special'].includes(type))
const COMPULSORY = SCHOOLS.filter((type) => type !== 'senior')

/** What each data set asks, by the document's id; `!` where it is asked once for each stage. */
const ELEMENTS: Readonly<Record<string, string>> = {
  profile: 'enrolment! classes! fullTimeTeachers! kindergartenGrade inclusive groupRun',
  students:
    'goodYouth graduates! graduatesGood! fitnessTested fitnessPassed counsellingNeeded counsellingEffective studentEntries studentAwards practiceDays',
  teachers:
    'teachersSurveyed teachersRatedGood skillAwards skillFirstPrizes researchEntries researchAwards researchFirstPrizes honouredTeachers masterInSchool excellentInEverySubject goodInEveryGrade',
  school: 'beautifulCampus provincialTitle provincialTitleName featureProjects featureProjectNames researchSecondPrize',
  service:
    'newPlaces outOfSchoolVisits seniorPlaces surveyRespondents surveySatisfied workingAgeSchoolingYears digitalScenesOnline digitalSceneVisits',
  environment: 'publicFunds! trainingFunds payroll newHousing expertLectures modernisationGrade',
  hardware:
    'bandwidth teachingPlaces wirelessPlaces canteens canteensA smartKitchens safeCampus modernHardware kindergartenHardware equipmentComplete libraryBooks scienceRooms artRooms practiceRooms sportsVenues',
  balance: 'higherDegreeTeachers! backboneTeachers! artsSportsTeachers! teachingArea sportsArea equipmentValue multimediaRooms',
  assessment: 'routineScore routineText',
}

/** Title, lead and responsible departments of each project, and the measures of its sheet beside state, done and problems. */
const PROJECTS: readonly (readonly [title: string, lead: string, responsible: string, measures: string])[] = [
  [
    '新校标准领先工程',
    '区教育局、市规划资源局钱塘分局',
    '区发展改革局、区财政局、区住建局、区行政审批局、各街道、各平台、区建投集团',
    'newBuilding plotRatio youthApartments landmarkCampus',
  ],
  ['老校面貌焕新工程', '区教育局', '区委组织部、区财政局、区住建局、各街道', 'merged gradeRaised iconicSpot'],
  ['校校硬件升级工程', '区教育局', '区政府办、区财政局、区社会发展局、区市场监管局', ''],
  ['考核评价强化工程', '区教育局', '区委办、区政府办、各街道', ''],
  ['校长强责赋权工程', '区教育局', '区委组织部、区财政局、区人社局', 'rankSystem termTargets'],
  ['各类教育争优工程', '区教育局', '区发展改革局、区财政局、各街道、各平台', 'publicRunTakeover convertedToPublic'],
  ['党建统领导航工程', '区委组织部、区教育局', '区委办、区政府办、区委宣传部、各街道', 'partyStandard partyModels partyBackbone'],
  ['“名校+”全覆盖工程', '区教育局', '区财政局、区人社局、各街道、各平台', ''],
  ['学校品牌重塑工程', '区教育局', '区财政局、各街道、各平台', 'renamed districtFamous ownCulture'],
  [
    '教育高地崛起工程',
    '区教育局',
    '各街道、杭州医药港管理办公室、江海之城建设管理办公室、科学城管理办公室',
    'cooperation partner',
  ],
  ['全员激励增活力工程', '区教育局', '区委组织部、区财政局、区人社局', 'districtHonours honourCandidates'],
  [
    '全员培养育名师工程',
    '区教育局',
    '区财政局、区人社局',
    'newTitles trainees districtTalents highTalents studioMembers ethicsIncidents',
  ],
  ['全员交流促均衡工程', '区教育局', '区委组织部、区财政局、区人社局、区住建局', 'rotated recruited'],
  [
    '全员关爱暖师心工程',
    '区教育局',
    '区委组织部、区财政局、区人社局、区住建局、区总工会、各街道',
    'restRoom nursingRoom flexibleHours freeDinner',
  ],
  ['课程变革深化工程', '', '区教育局', 'courseModelSchool fineCourses steamCourses dailySport practiceWeek'],
  ['教学改进加速工程', '', '区教育局', 'classroomModelSchool subjectModelSchool excellentTeams'],
  [
    '学生培育赋能工程',
    '区教育局',
    '区委宣传部、区财政局、区住建局、区社会发展局、团区委、各街道',
    'fiveGood1 fiveGood2 fiveGood3 fiveGood4 fiveGood5 civicBases practiceBases sportArtBrands',
  ],
  [
    '友好育儿环境优化工程',
    '区教育局',
    '区住建局、各街道、各平台、区建投集团、区委教育工作领导小组成员单位、区“双减”工作领导小组成员单位',
    'afterSchoolRespondents afterSchoolSatisfied digitalParentSchool talentPupils',
  ],
  [
    '普惠性人力资本提升工程',
    '区教育局',
    '区经信科技局、区人社局、各街道',
    'adultDiplomas learningStations communityEvents adultLearners lifelongBrands seniorBrands',
  ],
  ['教育应用场景迭代工程', '区委改革（数改）专班、区教育局', '区政府办、区发展改革局', 'components'],
]

/** The indicator table: dimension, then each part with its targets of the three years. */
type Row = readonly [part: string, better: Figure['better'], ...targets: readonly (number | string)[]]
const INDICATORS: Readonly<Record<string, readonly Row[]>> = {
  好学生: [
    ['1', 'atLeast', 2000, 2100, 2200],
    ['2.senior', 'atLeast', 79, 79.5, 80],
    ['2.junior', 'atLeast', 44, 45, 46],
    ['2.primary', 'atLeast', 92, 95, 97],
    ['3', 'atLeast', 92, 95, 98],
    ['4', 'atLeast', 90, 95, 98],
    ['5', 'atLeast', 40, 50, 60],
    ['6', 'atLeast', 7, 8, 9],
  ],
  好教师: [
    ['7', 'atLeast', 88, 90, 92],
    ['8.awards', 'atLeast', 400, 500, 600],
    ['8.first', 'atLeast', 15, 20, 25],
    ['9.rate', 'atLeast', 40, 50, 60],
    ['9.first', 'atLeast', 15, 20, 25],
    ['10', 'atLeast', 200, 220, 250],
    ['11', 'atLeast', 90, 95, 100],
  ],
  好学校: [
    ['12', 'atLeast', 10, 20, 10],
    ['13', 'atLeast', 8, 9, 10],
    ['14', 'atLeast', 16, 18, 20],
    ['15', 'atLeast', 19, 20, 22],
    ['16.quality', 'atLeast', 90, 92, 95],
    ['16.group', 'atLeast', 90, 95, 100],
    ['17.junior', 'atMost', 0.45, 0.35, 0.25],
    ['17.primary', 'atMost', 0.5, 0.4, 0.3],
  ],
  好服务: [
    ['18', 'atLeast', 4500, 6000, 12000],
    ['19', 'atLeast', 90, 92, 95],
    ['20.visits', 'atLeast', 4.1, 4.2, 4.5],
    ['20.places', 'atLeast', 2000, 2100, 2200],
    ['21', 'atLeast', 12, 12, 12],
    ['22.scenes', 'atLeast', 1, 1, 1],
    ['22.visits', 'atLeast', 1.5, 3, 5],
    ['23', 'atLeast', 88, 90, 92],
  ],
  好环境: [
    ['24.kindergarten', 'atLeast', 1050, 1150, 1250],
    ['24.primary', 'atLeast', 1350, 1450, 1550],
    ['24.junior', 'atLeast', 1500, 1600, 1600],
    ['25', 'atLeast', 3, 3, 3],
    ['26', 'atLeast', 300, 400, 500],
    ['27', 'atLeast', 200, 300, 500],
    ['28', 'atLeast', 'B', 'B', 'A'],
  ],
}

/** Formulas in one line each: Σ sum, : ratio, ~ weighted mean, % share, # count, = entered, cv variation; `+` over the plan's years. */
const FORMULAS: Readonly<Record<string, string>> = {
  '1': 'Σ goodYouth',
  '2.senior': 'graduatesGood[senior] : graduates[senior] × 100',
  '2.junior': 'graduatesGood[junior] : graduates[junior] × 100',
  '2.primary': 'graduatesGood[primary] : graduates[primary] × 100',
  '3': 'fitnessPassed : fitnessTested × 100',
  '4': 'counsellingEffective : counsellingNeeded × 100',
  '5': 'studentAwards : studentEntries × 100',
  '6': 'practiceDays ~ enrolment[primary,junior,senior]',
  '7': 'teachersRatedGood : teachersSurveyed × 100',
  '8.awards': 'Σ skillAwards',
  '8.first': 'skillFirstPrizes : skillAwards × 100',
  '9.rate': 'researchAwards : researchEntries × 100',
  '9.first': 'researchFirstPrizes : researchAwards × 100',
  '10': 'Σ honouredTeachers',
  '11': '% (masterInSchool is true and excellentInEverySubject is true and goodInEveryGrade is true)',
  '12': '# beautifulCampus is true',
  '13': '# provincialTitle is true',
  '14': '# featureProjects > 0',
  '15': '# researchSecondPrize > 0',
  '16.quality': '% kindergartenGrade in p1,p2 by enrolment[kindergarten]',
  '16.group': '% groupRun is true',
  '17.junior': 'cv junior',
  '17.primary': 'cv primary',
  '18': 'Σ newPlaces',
  '19': '% inclusive is true by enrolment[kindergarten]',
  '20.visits': 'Σ outOfSchoolVisits / 10000',
  '20.places': 'Σ seniorPlaces',
  '21': '= workingAgeSchoolingYears',
  '22.scenes': '= digitalScenesOnline',
  '22.visits': '= digitalSceneVisits / 10000',
  '23': 'surveySatisfied : surveyRespondents × 100',
  '24.kindergarten': 'publicFunds[kindergarten] : enrolment[kindergarten] × 1',
  '24.primary': 'publicFunds[primary] : enrolment[primary] × 1',
  '24.junior': 'publicFunds[junior] : enrolment[junior] × 1',
  '25': 'trainingFunds : payroll × 100',
  '26': 'Σ newHousing',
  '27': 'Σ expertLectures',
  '28': '= modernisationGrade',
  'h.bandwidth': '% bandwidth >= 2.5',
  'h.wireless': '% wirelessPlaces = teachingPlaces',
  'h.canteenA': 'Σ canteensA',
  'h.smartKitchen': 'smartKitchens : canteens × 100',
  'h.safeCampus': '% safeCampus is 5A',
  'h.modern': '% modernHardware is true',
  'h.kindergartenPublic': '% kindergartenHardware is p1',
  'h.kindergartenPrivate': '% kindergartenHardware in p1,p2',
}

/** Hardware and project goals: the figure, its formula where it is not in the table above, and what the notice asks. */
type Goal = readonly [id: string, formula: string, better: Figure['better'], value: number, each: 'byTheEnd' | 'eachYear']
const GOALS: readonly Goal[] = [
  ['h.bandwidth', '', 'atLeast', 100, 'byTheEnd'],
  ['h.wireless', '', 'atLeast', 100, 'byTheEnd'],
  ['h.canteenA', '', 'atLeast', 70, 'byTheEnd'],
  ['h.smartKitchen', '', 'atLeast', 100, 'byTheEnd'],
  ['h.safeCampus', '', 'atLeast', 98, 'byTheEnd'],
  ['h.modern', '', 'atLeast', 100, 'byTheEnd'],
  ['h.kindergartenPublic', '', 'atLeast', 100, 'byTheEnd'],
  ['h.kindergartenPrivate', '', 'atLeast', 100, 'byTheEnd'],
  ['p1.plotRatio', '% p1.plotRatio >= 1.2 among p1.newBuilding is true', 'atLeast', 100, 'byTheEnd'],
  ['p1.youthApartments', '% p1.youthApartments is true among p1.newBuilding is true', 'atLeast', 100, 'byTheEnd'],
  ['p1.landmarkCampus', '#+ p1.landmarkCampus is true', 'atLeast', 10, 'byTheEnd'],
  ['p2.merged', '#+ p2.merged is true', 'atLeast', 3, 'byTheEnd'],
  ['p2.gradeRaised', '#+ p2.gradeRaised is true', 'atLeast', 20, 'byTheEnd'],
  ['p2.beautifulCampus', '#+ beautifulCampus is true', 'atLeast', 40, 'byTheEnd'],
  ['p2.iconicSpot', '% p2.iconicSpot is true', 'atLeast', 100, 'byTheEnd'],
  ['p6.convertedToPublic', '#+ p6.convertedToPublic is true', 'atLeast', 3, 'byTheEnd'],
  ['p6.balance', 'cv primary,junior', 'atMost', 0.25, 'byTheEnd'],
  ['p7.partyStandard', '% p7.partyStandard is true', 'atLeast', 100, 'byTheEnd'],
  ['p7.partyModels', 'Σ+ p7.partyModels', 'atLeast', 78, 'byTheEnd'],
  ['p7.partyBackbone', 'Σ+ p7.partyBackbone', 'atLeast', 100, 'byTheEnd'],
  ['p8.groupRun', '% groupRun is true', 'atLeast', 100, 'byTheEnd'],
  ['p9.renamed', '#+ p9.renamed is true', 'atLeast', 10, 'byTheEnd'],
  ['p9.districtFamous', '# p9.districtFamous is true', 'atLeast', 10, 'eachYear'],
  ['p9.ownCulture', '% p9.ownCulture is true', 'atLeast', 100, 'byTheEnd'],
  ['p11.districtHonours', 'Σ+ p11.districtHonours', 'atLeast', 150, 'byTheEnd'],
  ['p11.honourCandidates', 'Σ+ p11.honourCandidates', 'atLeast', 300, 'byTheEnd'],
  ['p12.newTitles', 'Σ+ p12.newTitles', 'atLeast', 650, 'byTheEnd'],
  ['p12.trainees', 'Σ+ p12.trainees', 'atLeast', 500, 'byTheEnd'],
  ['p12.districtTalents', 'Σ+ p12.districtTalents', 'atLeast', 400, 'byTheEnd'],
  ['p12.highTalents', 'Σ+ p12.highTalents', 'atLeast', 180, 'byTheEnd'],
  ['p12.studioMembers', 'Σ+ p12.studioMembers', 'atLeast', 1000, 'byTheEnd'],
  ['p12.ethicsIncidents', 'Σ+ p12.ethicsIncidents', 'atMost', 0, 'byTheEnd'],
  ['p13.rotated', 'Σ+ p13.rotated', 'atLeast', 500, 'byTheEnd'],
  ['p13.recruited', 'Σ+ p13.recruited', 'atLeast', 100, 'byTheEnd'],
  ['p15.courseModelSchool', '#+ p15.courseModelSchool is true', 'atLeast', 6, 'byTheEnd'],
  ['p15.fineCourses', 'Σ+ p15.fineCourses', 'atLeast', 50, 'byTheEnd'],
  ['p15.steamCourses', 'Σ+ p15.steamCourses', 'atLeast', 50, 'byTheEnd'],
  ['p15.dailySport', '% p15.dailySport is true', 'atLeast', 100, 'byTheEnd'],
  ['p15.practiceWeek', '% p15.practiceWeek is true', 'atLeast', 100, 'byTheEnd'],
  ['p16.classroomModelSchool', '#+ p16.classroomModelSchool is true', 'atLeast', 10, 'byTheEnd'],
  ['p16.subjectModelSchool', 'Σ+ p16.subjectModelSchool', 'atLeast', 20, 'byTheEnd'],
  ['p16.excellentTeams', 'Σ+ p16.excellentTeams', 'atLeast', 100, 'byTheEnd'],
  ['p17.fiveGood1', 'Σ p17.fiveGood1', 'atLeast', 400, 'eachYear'],
  ['p17.fiveGood2', 'Σ p17.fiveGood2', 'atLeast', 400, 'eachYear'],
  ['p17.fiveGood3', 'Σ p17.fiveGood3', 'atLeast', 400, 'eachYear'],
  ['p17.fiveGood4', 'Σ p17.fiveGood4', 'atLeast', 400, 'eachYear'],
  ['p17.fiveGood5', 'Σ p17.fiveGood5', 'atLeast', 400, 'eachYear'],
  ['p17.civicBases', 'Σ+ p17.civicBases', 'atLeast', 10, 'byTheEnd'],
  ['p17.practiceBases', 'Σ+ p17.practiceBases', 'atLeast', 10, 'byTheEnd'],
  ['p17.sportArtBrands', 'Σ+ p17.sportArtBrands', 'atLeast', 10, 'byTheEnd'],
  ['p18.afterSchool', 'p18.afterSchoolSatisfied : p18.afterSchoolRespondents × 100', 'atLeast', 90, 'eachYear'],
  ['p18.digitalParentSchool', '% p18.digitalParentSchool is true', 'atLeast', 90, 'byTheEnd'],
  ['p18.newPlaces', 'Σ+ newPlaces', 'atLeast', 25000, 'byTheEnd'],
  ['p18.talentPupils', 'Σ p18.talentPupils', 'atLeast', 1000, 'eachYear'],
  ['p18.expertLectures', 'Σ+ expertLectures', 'above', 1000, 'byTheEnd'],
  ['p18.outOfSchoolVisits', 'Σ outOfSchoolVisits', 'atLeast', 45000, 'eachYear'],
  ['p19.adultDiplomas', 'Σ p19.adultDiplomas', 'atLeast', 1400, 'eachYear'],
  ['p19.learningStations', 'Σ+ p19.learningStations', 'atLeast', 5, 'byTheEnd'],
  ['p19.communityEvents', 'Σ+ p19.communityEvents', 'atLeast', 1000, 'byTheEnd'],
  ['p19.adultLearners', 'Σ p19.adultLearners', 'atLeast', 160000, 'eachYear'],
  ['p19.lifelongBrands', 'Σ+ p19.lifelongBrands', 'atLeast', 10, 'byTheEnd'],
  ['p19.seniorBrands', 'Σ+ p19.seniorBrands', 'atLeast', 5, 'byTheEnd'],
]

/** Figures of measures for which the notice names no number. */
const WITHOUT_GOAL = words(`
  p1.newBuilding p5.rankSystem p5.termTargets p6.publicRunTakeover p10.cooperation
  p14.restRoom p14.nursingRoom p14.flexibleHours p14.freeDinner
  p20.components.hangxuetong p20.components.zhianxiaoyuan p20.components.pinganchufang p20.components.ruxueyidiantong
  p20.components.teacherTable p20.components.studentNet p20.components.threeTeachers`)

describe('what is asked', () => {
  test('the ten data sets ask exactly the elements of the plan', () => {
    const asked = Object.fromEntries(
      document.dataSets.map((dataSet) => [
        dataSet.id,
        dataSet.sections.flatMap(({ elements }) => elements.map(({ id, perStage }) => (perStage ? `${id}!` : id))),
      ]),
    )
    expect(Object.keys(asked)).toEqual(
      words('profile students teachers school service environment hardware balance projects assessment'),
    )
    const { projects, ...others } = asked
    expect(others).toEqual(Object.fromEntries(Object.entries(ELEMENTS).map(([id, list]) => [id, words(list)])))
    expect(projects).toEqual(
      PROJECTS.flatMap(([, , , measures], n) => ['state', 'done', 'problems', ...words(measures)].map((id) => `p${n + 1}.${id}`)),
    )
  })

  test('each project has its own section, called after it', () => {
    const sections = plan.dataSets.get('projects')?.sections ?? []
    expect(sections.map(({ id }) => id)).toEqual(PROJECTS.map((_, n) => `p${n + 1}`))
    for (const section of sections) {
      expect(section.elements.every(({ id }) => id.startsWith(`${section.id}.`))).toBe(true)
    }
  })

  test('a sheet asks for texts only where the project touches the unit', () => {
    const open = (state: string) => {
      const values = new Map([['p5.state', { value: state }]])
      return ['done', 'problems', 'termTargets'].filter((id) => {
        const asked = plan.elements.get(`p5.${id}`)
        return asked !== undefined && isOpenInForm(plan, asked, unit('primary'), values)
      })
    }
    expect(open('notApplicable')).toEqual(['termTargets'])
    expect(open('notStarted')).toEqual(['problems', 'termTargets'])
    expect(open('underway')).toEqual(['done', 'problems', 'termTargets'])
    expect(open('done')).toEqual(['done', 'problems', 'termTargets'])
  })

  test('what follows from an answer is asked only after it', () => {
    const open = (id: string, before: string, value: string) => {
      const asked = plan.elements.get(id)
      return asked !== undefined && isOpenInForm(plan, asked, unit('primary'), new Map([[before, { value }]]))
    }
    for (const [id, before, value, other] of [
      ['p1.plotRatio', 'p1.newBuilding', 'true', 'false'],
      ['p1.youthApartments', 'p1.newBuilding', 'true', 'false'],
      ['p10.partner', 'p10.cooperation', 'true', 'false'],
      ['provincialTitleName', 'provincialTitle', 'true', 'false'],
      ['featureProjectNames', 'featureProjects', '1', '0'],
    ] as const) {
      expect([id, open(id, before, value), open(id, before, other)]).toEqual([id, true, false])
    }
  })

  test.each<[string, readonly OrgUnitType[]]>([
    ['enrolment.kindergarten', ['kindergarten']],
    ['enrolment.primary', ['primary', 'nineYear', 'twelveYear']],
    ['enrolment.vocational', ['vocational']],
    ['kindergartenGrade', ['kindergarten']],
    ['inclusive', ['kindergarten']],
    ['groupRun', BASIC],
    ['goodYouth', BASIC],
    ['graduates.senior', ['completeSecondary', 'twelveYear', 'senior']],
    ['fitnessTested', [...SCHOOLS, 'vocational', 'special']],
    ['counsellingNeeded', [...SCHOOLS, 'vocational', 'special']],
    ['practiceDays', SCHOOLS],
    ['outOfSchoolVisits', ['youthPalace']],
    ['seniorPlaces', ['communitySchool']],
    ['surveyRespondents', BASIC],
    ['workingAgeSchoolingYears', ['district']],
    ['publicFunds.junior', ['junior', 'nineYear', 'completeSecondary', 'twelveYear']],
    ['newHousing', [...BASIC, 'district']],
    ['modernisationGrade', ['district']],
    ['modernHardware', SCHOOLS],
    ['kindergartenHardware', ['kindergarten']],
    ['equipmentComplete', BASIC],
    ['scienceRooms', SCHOOLS],
    ['teachingArea', COMPULSORY],
    ['p2.merged', COMPULSORY],
    ['p2.gradeRaised', ['kindergarten']],
    ['p15.dailySport', SCHOOLS],
    ['p18.state', [...BASIC, 'youthPalace']],
    ['p18.afterSchoolSatisfied', SCHOOLS],
    ['p19.adultLearners', ['communitySchool', 'district']],
    ['p20.components', BASIC],
    ['routineScore', BASIC],
  ])('%s is asked of the types that it concerns and of no other', (id, types) => {
    expect(ORG_UNIT_TYPES.filter((type) => asksElement(plan, id, unit(type)))).toEqual(
      ORG_UNIT_TYPES.filter((type) => types.includes(type)),
    )
  })

  test('a youth palace, a community school and the district have the data sets that concern them', () => {
    const ids = (type: OrgUnitType) => dataSetsOf(plan, unit(type)).map(({ id }) => id)
    expect(ids('youthPalace')).toEqual(['service', 'projects'])
    expect(ids('communitySchool')).toEqual(['service', 'projects'])
    expect(ids('district')).toEqual(['service', 'environment', 'projects'])
    expect(ids('nineYear')).toEqual(document.dataSets.map(({ id }) => id))
    expect(ids('kindergarten')).not.toContain('balance')
  })

  test('the rules are those of the plan', () => {
    const line = (term: Term) => term.element
    expect(
      document.dataSets.flatMap(({ rules }) =>
        (rules ?? []).map(({ part, whole, perStage }) => `${line(part)} <= ${line(whole)}${perStage ? ' per stage' : ''}`),
      ),
    ).toEqual([
      'graduatesGood <= graduates per stage',
      'fitnessPassed <= fitnessTested',
      'fitnessTested <= enrolment',
      'counsellingEffective <= counsellingNeeded',
      'studentAwards <= studentEntries',
      'teachersRatedGood <= teachersSurveyed',
      'skillFirstPrizes <= skillAwards',
      'researchAwards <= researchEntries',
      'researchFirstPrizes <= researchAwards',
      'surveySatisfied <= surveyRespondents',
      'wirelessPlaces <= teachingPlaces',
      'canteensA <= canteens',
      'smartKitchens <= canteens',
      'higherDegreeTeachers <= fullTimeTeachers per stage',
      'backboneTeachers <= fullTimeTeachers per stage',
      'artsSportsTeachers <= fullTimeTeachers per stage',
      'p18.afterSchoolSatisfied <= p18.afterSchoolRespondents',
    ])
    expect(plan.elements.get('practiceDays')?.element.max).toBe(60)
    expect(plan.elements.get('routineScore')?.element.max).toBe(100)
  })

  test('the choices have the keys that travel in values', () => {
    const keys = Object.fromEntries(Object.entries(document.choices).map(([id, list]) => [id, list.map(({ key }) => key)]))
    expect(keys).toMatchObject({
      kindergartenGrade: ['p1', 'p2', 'p3', 'none'],
      kindergartenStandard: ['p1', 'p2', 'p3', 'none'],
      safeCampus: ['5A', '4A', '3A', '2A', '1A', 'none'],
      grade: ['A', 'B', 'C', 'D'],
      projectState: ['notApplicable', 'notStarted', 'underway', 'done'],
    })
  })

  test('third-party and district numbers are entered by the bureau', () => {
    const by = (source: string) => plan.elementList.filter(({ element }) => element.source === source).map(({ id }) => id)
    expect(by('thirdParty')).toEqual(words('teachersSurveyed teachersRatedGood surveyRespondents surveySatisfied'))
    expect(by('bureau')).toEqual(words('workingAgeSchoolingYears digitalScenesOnline digitalSceneVisits modernisationGrade'))
  })

  test('a public kindergarten counts as inclusive without an answer, a private one does not', () => {
    expect(plan.elements.get('inclusive')?.element.assume).toEqual([{ units: { ownership: 'public' }, value: 'true' }])
  })
})

describe('what is computed', () => {
  test('the 28 indicators stand under their dimensions with the targets of the notice', () => {
    expect(document.indicators.map(({ id }) => id)).toEqual(Array.from({ length: 28 }, (_, n) => String(n + 1)))
    const table = Object.fromEntries(
      document.dimensions.map((dimension) => [
        dimension.title.zh,
        document.indicators
          .filter((indicator) => indicator.dimension === dimension.id)
          .flatMap(({ parts }) =>
            parts.map(({ id, better, targets }) => [id, better, ...document.periods.map((period) => targets?.[period])]),
          ),
      ]),
    )
    expect(document.periods).toEqual(['2022', '2023', '2024'])
    expect(table).toEqual(INDICATORS)
  })

  test.each(Object.entries(FORMULAS))('figure %s is made as the plan says: %s', (id, formula) => {
    const figure = plan.figures.get(id)?.figure
    expect(figure === undefined ? undefined : formulaOf(figure)).toBe(formula)
  })

  test.each(GOALS)('goal %s has the number of the notice', (id, formula, better, value, each) => {
    const figure = plan.figures.get(id)?.figure
    expect(figure?.better).toBe(better)
    expect(figure?.goal).toEqual(each === 'eachYear' ? { value } : { value, by: '2024' })
    expect(figure?.targets).toBeUndefined()
    if (figure !== undefined && formula !== '') expect(formulaOf(figure)).toBe(formula)
  })

  test('there is no figure beside the indicators, the goals and the measures without a goal', () => {
    const expected = [...Object.keys(FORMULAS), ...GOALS.map(([id]) => id), ...WITHOUT_GOAL]
    expect([...plan.figures.keys()].sort()).toEqual([...new Set(expected)].sort())
    for (const id of WITHOUT_GOAL) {
      const figure = plan.figures.get(id)?.figure
      expect([figure?.goal, figure?.targets]).toEqual([undefined, undefined])
    }
  })

  test('every number and yes/no that a project asks for stands behind a figure', () => {
    const used = new Set([...plan.figures.values()].flatMap(({ figure }) => elementsOfMeasure(plan, figure.measure)))
    const idle = plan.elementList.filter(
      (asked) => asked.dataSet.id === 'projects' && !['text', 'choice'].includes(asked.element.type) && !used.has(asked),
    )
    expect(idle.map(({ id }) => id)).toEqual([])
  })

  test.each<[string, readonly OrgUnitType[]]>([
    ['1', BASIC],
    ['2.senior', ['completeSecondary', 'twelveYear', 'senior']],
    ['3', SCHOOLS],
    ['4', SCHOOLS],
    ['6', SCHOOLS],
    ['11', BASIC],
    ['16.group', ['kindergarten']],
    ['17.primary', ['primary', 'nineYear', 'twelveYear']],
    ['20.visits', ['youthPalace']],
    ['20.places', ['communitySchool']],
    ['21', ['district']],
    ['26', [...BASIC, 'district']],
    ['28', ['district']],
    ['h.canteenA', BASIC],
    ['h.modern', SCHOOLS],
    ['p6.balance', COMPULSORY],
    ['p15.practiceWeek', SCHOOLS],
    ['p19.adultLearners', ['communitySchool', 'district']],
  ])('figure %s expects the units that the plan asks, and no other', (id, types) => {
    const units = plan.figures.get(id)?.figure.units ?? {}
    expect(ORG_UNIT_TYPES.filter((type) => matchesUnits(plan, units, unit(type)))).toEqual(
      ORG_UNIT_TYPES.filter((type) => types.includes(type)),
    )
  })

  test('public and private kindergartens are held against their own hardware standard', () => {
    for (const [id, ownership] of [
      ['h.kindergartenPublic', 'public'],
      ['h.kindergartenPrivate', 'private'],
    ] as const) {
      const units = plan.figures.get(id)?.figure.units ?? {}
      const matching = ORG_UNIT_TYPES.flatMap((type) => [unit(type), unit(type, 'private')]).filter((each) =>
        matchesUnits(plan, units, each),
      )
      expect(matching).toEqual([unit('kindergarten', ownership)])
    }
  })

  test('vocational and special schools count for fitness and counselling only where they report', () => {
    const also = [...plan.figures.values()].filter(({ figure }) => figure.alsoIfReported !== undefined)
    expect(also.map(({ figure }) => figure.id)).toEqual(['3', '4'])
  })

  test('the seven balance indexes have the national standards', () => {
    const { balance } = document
    expect(balance?.indexes.map(({ id, per, standard }) => [id, per, standard.primary, standard.junior])).toEqual([
      ['higherDegreeTeachers', 100, 4.2, 5.3],
      ['backboneTeachers', 100, 1, 1],
      ['artsSportsTeachers', 100, 0.9, 0.9],
      ['teachingArea', 1, 4.5, 5.8],
      ['sportsArea', 1, 7.5, 10.2],
      ['equipmentValue', 1, 2000, 2500],
      ['multimediaRooms', 100, 2.3, 2.4],
    ])
    expect(balance).toMatchObject({ pupils: 'enrolment', minPupils: 50, standardMinIndexes: 6, standardFloorPercent: 85 })
    expect(balance?.weights).toEqual({ primary: 1, junior: 1.1, senior: 1.32 })
  })

  test('the hardware checklist asks what item 3 of the notice demands', () => {
    expect(
      document.hardware?.checks.map(({ id, meets, exempt }) => [id, sentenceOf(meets), exempt && sentenceOf(exempt)]),
    ).toEqual([
      ['bandwidth', 'bandwidth >= 2.5', undefined],
      ['wireless', 'wirelessPlaces = teachingPlaces', undefined],
      ['canteenA', 'canteensA = canteens', 'canteens = 0'],
      ['smartKitchen', 'smartKitchens = canteens', 'canteens = 0'],
      ['safeCampus', 'safeCampus is 5A', undefined],
      ['modernHardware', 'modernHardware is true', undefined],
      ['equipmentComplete', 'equipmentComplete is true', undefined],
      ['scienceRooms', 'scienceRooms > 0', undefined],
      ['artRooms', 'artRooms > 0', undefined],
      ['practiceRooms', 'practiceRooms > 0', undefined],
      ['sportsVenues', 'sportsVenues > 0', undefined],
      ['kindergartenPublic', 'kindergartenHardware is p1', undefined],
      ['kindergartenPrivate', 'kindergartenHardware in p1,p2', undefined],
    ])
  })

  test('the yearly assessment weighs its three parts 40, 40 and 20', () => {
    expect(document.assessment?.weights).toEqual({ routine: 40, performance: 40, satisfaction: 20 })
  })
})

describe('what the notice says around it', () => {
  test('the twenty projects have their titles and departments', () => {
    expect(
      document.projects.map(({ number, title, lead, responsible }) => [
        number,
        title.zh,
        lead.map(({ zh }) => zh).join('、'),
        responsible.map(({ zh }) => zh).join('、'),
      ]),
    ).toEqual(PROJECTS.map(([title, lead, responsible], n) => [n + 1, title, lead, responsible]))
  })

  test('six actions hold three, four, three, four, three and three projects', () => {
    expect(document.actions.map(({ title }) => title.zh)).toEqual([
      '校舍建设提标改革行动',
      '教育管理提效改革行动',
      '名校打造提速改革行动',
      '师资队伍提能改革行动',
      '教育质量提优改革行动',
      '服务能力提级改革行动',
    ])
    expect(document.actions.map(({ id }) => document.projects.filter(({ action }) => action === id).length)).toEqual([
      3, 4, 3, 4, 3, 3,
    ])
  })

  test('the five dimensions carry their mottos', () => {
    expect(document.dimensions.map(({ title, motto }) => `${title.zh}${motto?.zh ?? ''}`)).toEqual([
      '好学生全面成长',
      '好教师全心育人',
      '好学校全域遍布',
      '好服务全程可享',
      '好环境全息保障',
    ])
  })
})

describe('how it reads', () => {
  const texts: { readonly path: string; readonly zh: string; readonly en: string }[] = []
  const refers: string[] = []
  const visit = (node: unknown, path: string): void => {
    if (Array.isArray(node)) node.forEach((each, n) => visit(each, `${path}.${n}`))
    else if (typeof node === 'object' && node !== null) {
      if ('zh' in node && 'en' in node) texts.push({ path, zh: String(node.zh), en: String(node.en) })
      for (const [key, each] of Object.entries(node)) {
        if (key === 'notes' && Array.isArray(each)) refers.push(...each.map(String))
        visit(each, `${path}.${key}`)
      }
    }
  }
  visit(document, '')

  test('every text is written in both languages, and its English without Chinese characters', () => {
    expect(texts.length).toBeGreaterThan(800)
    expect(texts.filter(({ en }) => /\p{Script=Han}|[，。；：、（）]/u.test(en))).toEqual([])
    const blank = texts.filter(({ zh, en }) => zh.trim() !== zh || en.trim() !== en || zh === '' || en === '')
    expect(blank).toEqual([])
  })

  test('Chinese texts use no traditional or half-width punctuation between Chinese characters', () => {
    expect(texts.filter(({ zh }) => /\p{Script=Han}[,;:!?()"']|學|們/u.test(zh))).toEqual([])
  })

  test('every element has a hint, and section titles fit their rail', () => {
    expect(plan.elementList.filter(({ element }) => element.hint === undefined).map(({ id }) => id)).toEqual([])
    const titles = document.dataSets.flatMap(({ sections }) => sections.map(({ title }) => title.zh))
    expect(titles.filter((title) => title.length > 8)).toEqual([])
  })

  test('every note is referred to from the thing that it is about', () => {
    const mentioned = new Set(refers)
    expect(Object.keys(document.notes).filter((id) => !mentioned.has(id))).toEqual([])
  })

  test('every choice about counting is noted at the figures that it is about', () => {
    const figures = [...plan.figures.values()].map(({ figure, source }) => ({
      figure,
      notes: [...(figure.notes ?? []), ...(source.kind === 'indicator' ? (source.indicator.notes ?? []) : [])],
      ofProject: source.kind === 'project',
    }))
    const without = (note: string, isAbout: (one: (typeof figures)[number]) => boolean) =>
      figures.filter((one) => isAbout(one) !== one.notes.includes(note)).map(({ figure }) => figure.id)
    expect(without('countOfUnits', ({ figure }) => figure.measure.kind === 'count')).toEqual([])
    expect(without('countOverPlan', ({ figure: { measure } }) => measure.kind === 'count' && measure.over === 'plan')).toEqual([])
    expect(without('projectGoals', ({ figure, ofProject }) => ofProject && figure.goal?.by !== undefined)).toEqual([])
    expect(without('alsoIfReported', ({ figure }) => figure.alsoIfReported !== undefined)).toEqual([])
    expect(plan.figures.get('h.wireless')?.figure.notes).toContain('wirelessNone')
    expect(document.hardware?.notes).toContain('hardwareGoals')
  })

  test('the checks that the notice does not have are noted at what they check, and so is what a broken one spoils', () => {
    const noted = (note: string) => plan.elementList.filter(({ element }) => element.notes?.includes(note)).map(({ id }) => id)
    const teachers = words('higherDegreeTeachers backboneTeachers artsSportsTeachers')
    const perStage = teachers.flatMap((id) => [`${id}.primary`, `${id}.junior`])
    expect(noted('hardwareRules')).toEqual(words('wirelessPlaces canteensA smartKitchens'))
    expect(noted('balanceTeacherRules')).toEqual(perStage)
    expect(noted('afterSchoolRule')).toEqual(words('p18.afterSchoolRespondents p18.afterSchoolSatisfied'))
    const acrossForms = plan.rules.filter(({ part, whole }) => whole.some(({ dataSet }) => dataSet !== part[0]?.dataSet))
    expect(noted('rulesAcrossForms').sort()).toEqual(acrossForms.flatMap(({ part }) => part.map(({ id }) => id)).sort())
    for (const { dataSet } of acrossForms) expect(dataSet.notes).toContain('rulesAcrossForms')
  })

  test('the notes on project sheets and performance say what the plan does', () => {
    const having = (n: number) => ORG_UNIT_TYPES.filter((type) => asksElement(plan, `p${n}.state`, unit(type)))
    const byType = (types: readonly OrgUnitType[]) => ORG_UNIT_TYPES.filter((type) => types.includes(type))
    for (let n = 1; n <= 20; n += 1) {
      const types: readonly OrgUnitType[] =
        n === 19 ? ['communitySchool', 'district'] : n === 18 ? [...BASIC, 'youthPalace'] : BASIC
      expect(having(n)).toEqual(byType(types))
    }
    expect(plan.dataSets.get('projects')?.notes).toContain('projectSheets')
    // Indicators that a unit has by itself: no totals, no number of the district, no difference between schools.
    const own = document.indicators
      .flatMap(({ parts }) => parts)
      .filter(({ measure }) => ['ratio', 'weightedMean', 'share'].includes(measure.kind))
    expect(document.assessment?.performanceFigures).toEqual(own.map(({ id }) => id))
    expect(document.assessment?.notes).toContain('performanceShare')
  })

  test('units of measure are those of the notice, and what is counted anew each year is no stock', () => {
    for (const id of ['12', '13', '14', '15', 'p1.landmarkCampus', 'p2.beautifulCampus']) {
      expect(plan.figures.get(id)?.figure.unit?.zh).toBe('个')
    }
    for (const asked of plan.elementList) {
      // "本年" speaks of a flow; "本年学年初" is a day on which a stock is counted.
      const isOfTheYear = /^本年(?!学年)/.test(asked.element.hint?.zh ?? '') || asked.element.label.zh.startsWith('本年')
      if (isOfTheYear) expect([asked.id, asked.element.stock]).toEqual([asked.id, undefined])
    }
  })

  test('the English has the words of the field', () => {
    const odd = /\bcopies\b|\bthe cover\b|^Cover\b|of talents\b|Abler|[Hh]ighlands|Teachers everywhere|Raised from/
    expect(texts.filter(({ en }) => odd.test(en))).toEqual([])
  })

  test('each section of the five dimensions says which indicators it feeds, and all 28 are fed', () => {
    const fed = new Set(document.dataSets.flatMap(({ sections }) => sections.flatMap(({ indicators }) => indicators ?? [])))
    expect([...fed].sort((a, b) => Number(a) - Number(b))).toEqual(document.indicators.map(({ id }) => id))
  })
})

function termOf(term: Term): string {
  return term.stages === undefined ? term.element : `${term.element}[${term.stages.join(',')}]`
}

function sentenceOf(condition: Condition): string {
  if ('all' in condition) return `(${condition.all.map(sentenceOf).join(' and ')})`
  if ('any' in condition) return `(${condition.any.map(sentenceOf).join(' or ')})`
  if ('equal' in condition) return condition.equal.map(termOf).join(' = ')
  if ('is' in condition) return `${condition.element} is ${condition.is}`
  if ('in' in condition) return `${condition.element} in ${condition.in.join(',')}`
  if ('atLeast' in condition) return `${termOf(condition.term)} >= ${condition.atLeast}`
  if ('above' in condition) return `${termOf(condition.term)} > ${condition.above}`
  return `${termOf(condition.term)} = 0`
}

function formulaOf({ measure }: Figure): string {
  const divided = (divideBy: number | undefined) => (divideBy === undefined ? '' : ` / ${divideBy}`)
  switch (measure.kind) {
    case 'sum':
      return `Σ${measure.over === undefined ? '' : '+'} ${termOf(measure.of)}${divided(measure.divideBy)}`
    case 'ratio':
      return `${termOf(measure.part)} : ${termOf(measure.whole)} × ${measure.times}`
    case 'weightedMean':
      return `${termOf(measure.of)} ~ ${termOf(measure.weight)}`
    case 'share':
      return `% ${sentenceOf(measure.has)}${measure.weight === undefined ? '' : ` by ${termOf(measure.weight)}`}${
        measure.among === undefined ? '' : ` among ${sentenceOf(measure.among)}`
      }`
    case 'count':
      return `#${measure.over === undefined ? '' : '+'} ${sentenceOf(measure.has)}`
    case 'entered':
      return `= ${measure.element}${divided(measure.divideBy)}`
    case 'variation':
      return `cv ${measure.stages.join(',')}`
  }
}

describe('inspections', () => {
  const templates = document.inspections?.templates ?? []
  const named = (id: string) => templates.find((template) => template.id === id)

  test('the hardware list is gone through line by line, each with what is measured there', () => {
    const items = (named('hardware')?.groups ?? []).flatMap((group) => group.items)
    const checks = document.hardware?.checks ?? []
    expect(items).toHaveLength(checks.length)
    expect(new Set(items.map(({ check }) => check))).toEqual(new Set(checks.map(({ id }) => id)))
    for (const { check, element, units } of items) {
      const line = checks.find(({ id }) => id === check)
      expect(line?.elements).toContain(element)
      // Whoever is asked at the item is asked the line, and the other way round.
      for (const type of ORG_UNIT_TYPES)
        for (const ownership of ['public', 'private'] as const) {
          const one = unit(type, ownership)
          const isAsked = matchesUnits(plan, { set: 'basic' }, one) && (units === undefined || matchesUnits(plan, units, one))
          expect([check, type, ownership, isAsked]).toEqual([check, type, ownership, matchesUnits(plan, line?.units ?? {}, one)])
        }
    }
  })

  test('a 5A campus is examined in the ten fields of Hangzhou’s list, three to six points each', () => {
    const fields = '组织领导 三防建设 消防安全 校门管理 危化品管理 交通安全 场所安全 校园周边 安全教育 应急管理'
    const groups = named('safeCampus')?.groups ?? []
    expect(groups.map(({ title }) => title.zh)).toEqual(words(fields))
    for (const { title, items } of groups) {
      expect(items.length, title.zh).toBeGreaterThanOrEqual(3)
      expect(items.length, title.zh).toBeLessThanOrEqual(6)
    }
  })

  test('a kindergarten is not asked for laboratories and dormitories, a school not for activity rooms', () => {
    const template = named('safeCampus')
    const idsOf = (type: OrgUnit['type']) =>
      template === undefined ? [] : itemsOf(plan, unit(type), template).map(({ item }) => item.id)
    const ofSchools = ['s5.chem.cabinet', 's5.chem.ledger', 's5.chem.waste', 's5.place.lab', 's5.place.dormitory']
    const ofKindergartens = ['s5.gate.handover', 's5.place.activityRoom']
    for (const type of ['primary', 'junior', 'senior', 'vocational', 'special'] as const) {
      expect(idsOf(type)).toEqual(expect.arrayContaining(ofSchools))
      expect(idsOf(type).filter((id) => ofKindergartens.includes(id))).toEqual([])
    }
    expect(idsOf('kindergarten')).toEqual(expect.arrayContaining(ofKindergartens))
    expect(idsOf('kindergarten').filter((id) => ofSchools.includes(id))).toEqual([])
    // Every field has something to look at, wherever one goes.
    for (const type of ['kindergarten', 'primary', 'special'] as const) {
      const groups = template === undefined ? [] : itemsOf(plan, unit(type), template).map(({ group }) => group.id)
      expect(new Set(groups).size, type).toBe(10)
    }
  })

  test('every item says how it is looked at, what is usually wrong, and who puts it right', () => {
    for (const { item } of plan.items.values()) {
      expect(item.hint, item.id).toBeDefined()
      expect(item.answersFor, item.id).toBeDefined()
      expect(item.phrases?.length, item.id).toBeGreaterThanOrEqual(3)
      // A chip, not a sentence.
      for (const { zh } of item.phrases ?? []) expect(zh.length, `${item.id} ${zh}`).toBeLessThanOrEqual(12)
      expect(item.short?.zh.length, item.id).toBeLessThanOrEqual(10)
    }
  })
})

/** A plan of two data sets, small enough to be read at a glance; invented, like every id in it. */
import { trustPlan, type Plan } from '#plan/plan'
import type { PlanDocument } from '#plan/schema'

const text = (zh: string) => ({ zh, en: `en ${zh}` })

export function smallDocument(version = 1): PlanDocument {
  return {
    format: 1,
    id: 'small',
    version,
    title: text('小计划'),
    district: { code: 'd', name: text('某区') },
    source: { title: text('通知'), number: '1 号', date: '2023-01-01' },
    periods: ['2022', '2023', '2024'],
    notes: { counted: text('只算在编教师') },
    stages: { kindergarten: text('学前'), primary: text('小学'), junior: text('初中') },
    unitSets: {},
    choices: {},
    warnings: { changePercent: 30, rangePercentiles: [10, 90], rangeMinUnits: 5 },
    dataSets: [
      {
        id: 'staff',
        title: text('师生'),
        units: {},
        sections: [
          {
            id: 'all',
            title: text('人数'),
            elements: [
              { id: 'teachers', label: text('教师数'), type: 'count', unit: text('人') },
              { id: 'pupils', label: text('学生数'), type: 'count', unit: text('人'), perStage: ['primary', 'junior'] },
            ],
          },
        ],
      },
      {
        id: 'house',
        title: text('校舍'),
        units: {},
        sections: [
          {
            id: 'all',
            title: text('房间'),
            elements: [
              { id: 'rooms', label: text('教室数'), type: 'count', unit: text('间') },
              { id: 'canteen', label: text('有食堂'), type: 'yesno' },
              { id: 'meals', label: text('供餐数'), type: 'count', when: { element: 'canteen', is: 'true' } },
              { id: 'rating', label: text('测评分'), type: 'count', source: 'thirdParty' },
            ],
          },
        ],
      },
    ],
    dimensions: [],
    indicators: [],
    actions: [],
    projects: [],
  }
}

export const smallPlan = (version = 1): Plan => trustPlan(smallDocument(version))

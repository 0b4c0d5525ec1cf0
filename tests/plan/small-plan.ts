/**
 * A small plan of a district that does not exist, with every kind of element, rule, condition and measure. Its numbers are small enough to
 * be worked out by hand.
 */
import { parsePlan } from '#plan/parse-plan'
import type { Plan } from '#plan/plan'
import type { PlanDocument } from '#plan/schema'
import type { CellValue, Values } from '#plan/typed'
import type { OrgUnit, OrgUnitType } from '#domain/org-unit'

const t = (zh: string, en: string) => ({ zh, en })

export const smallDocument: PlanDocument = {
  format: 1,
  id: 'lake-district',
  version: 3,
  title: t('湖区三年规划', 'Three-year plan of the Lake District'),
  district: { code: 'lake', name: t('湖区', 'Lake District') },
  source: { title: t('湖区规划', 'Plan of the Lake District'), number: '1', date: '2030-01-01' },
  periods: ['2030', '2031', '2032'],
  notes: { assumed: t('公办园未填视为普惠', 'A public kindergarten without an answer counts as inclusive') },
  stages: {
    kindergarten: t('幼儿园', 'Kindergarten'),
    primary: t('小学', 'Primary'),
    junior: t('初中', 'Junior'),
    senior: t('高中', 'Senior'),
    vocational: t('中职', 'Vocational'),
    special: t('特教', 'Special'),
  },
  unitSets: {
    basic: {
      label: t('基础教育学校', 'Basic education units'),
      types: [
        'kindergarten',
        'primary',
        'junior',
        'nineYear',
        'completeSecondary',
        'twelveYear',
        'senior',
        'vocational',
        'special',
      ],
    },
    schools: { label: t('中小学', 'Schools'), set: 'basic', stages: ['primary', 'junior', 'senior'] },
    balanced: { label: t('均衡学校', 'Balanced'), set: 'schools', stages: ['primary', 'junior'] },
  },
  choices: {
    gardenGrade: [
      { key: 'p1', label: t('省一级', 'Level 1') },
      { key: 'p2', label: t('省二级', 'Level 2') },
      { key: 'p3', label: t('省三级', 'Level 3') },
      { key: 'none', label: t('未定级', 'No level') },
    ],
    safety: [
      { key: '5A', label: t('5A', '5A') },
      { key: '4A', label: t('4A', '4A') },
      { key: '3A', label: t('3A', '3A') },
      { key: 'none', label: t('未评', 'Not rated') },
    ],
    grade: [
      { key: 'A', label: t('优', 'Excellent') },
      { key: 'B', label: t('良', 'Good') },
      { key: 'C', label: t('中', 'Fair') },
    ],
    tools: [
      { key: 'study', label: t('学习通', 'Study') },
      { key: 'kitchen', label: t('厨房通', 'Kitchen') },
      { key: 'gate', label: t('校门通', 'Gate') },
    ],
  },
  warnings: { changePercent: 30, rangePercentiles: [10, 90], rangeMinUnits: 5 },
  dataSets: [
    {
      id: 'basics',
      title: t('基本情况', 'Basics'),
      units: { set: 'basic' },
      sections: [
        {
          id: 'people',
          title: t('人数', 'People'),
          indicators: ['2'],
          elements: [
            {
              id: 'pupils',
              label: t('在校生数', 'Pupils'),
              type: 'count',
              unit: t('人', 'pupils'),
              perStage: ['kindergarten', 'primary', 'junior', 'senior', 'vocational', 'special'],
              stock: true,
            },
            {
              id: 'graduates',
              label: t('毕业生数', 'Graduates'),
              type: 'count',
              unit: t('人', 'pupils'),
              perStage: ['primary', 'junior', 'senior'],
            },
            {
              id: 'graduatesGood',
              label: t('优良毕业生数', 'Good graduates'),
              type: 'count',
              unit: t('人', 'pupils'),
              perStage: ['primary', 'junior', 'senior'],
            },
            {
              id: 'tested',
              label: t('参测人数', 'Tested'),
              type: 'count',
              unit: t('人', 'pupils'),
              units: { set: 'basic', stages: ['primary', 'junior', 'senior', 'vocational', 'special'] },
            },
            {
              id: 'passed',
              label: t('达标人数', 'Passed'),
              type: 'count',
              unit: t('人', 'pupils'),
              units: { set: 'basic', stages: ['primary', 'junior', 'senior', 'vocational', 'special'] },
            },
            {
              id: 'practiceDays',
              label: t('生均实践天数', 'Days of practice'),
              type: 'decimal',
              unit: t('天', 'days'),
              units: { set: 'schools' },
              max: 60,
            },
            {
              id: 'attendance',
              label: t('出勤率', 'Attendance'),
              type: 'percent',
              quiet: true,
            },
          ],
        },
        {
          id: 'standing',
          title: t('等级', 'Standing'),
          elements: [
            {
              id: 'gardenGrade',
              label: t('幼儿园等级', 'Grade of the kindergarten'),
              type: 'choice',
              choices: 'gardenGrade',
              units: { types: ['kindergarten'] },
            },
            {
              id: 'inclusive',
              label: t('普惠性幼儿园', 'Inclusive kindergarten'),
              type: 'yesno',
              units: { types: ['kindergarten'] },
              assume: [{ units: { ownership: 'public' }, value: 'true' }],
              notes: ['assumed'],
            },
            { id: 'title', label: t('本年新增称号', 'New title this year'), type: 'yesno' },
            { id: 'titleName', label: t('称号名称', 'Name of the title'), type: 'text', when: { element: 'title', is: 'true' } },
            {
              id: 'prizes',
              label: t('称号带来的奖项', 'Prizes that came with the title'),
              type: 'count',
              unit: t('项', 'prizes'),
              when: { element: 'title', is: 'true' },
            },
            { id: 'awards', label: t('获奖人次', 'Awards'), type: 'count', unit: t('人次', 'times') },
            { id: 'p1.state', label: t('校舍', 'Buildings'), type: 'choice', choices: 'grade', units: { set: 'schools' } },
            { id: 'p1.newBuilding', label: t('新建校舍', 'New building'), type: 'yesno', units: { set: 'schools' } },
            {
              id: 'p1.plotRatio',
              label: t('容积率', 'Plot ratio'),
              type: 'decimal',
              units: { set: 'schools' },
              when: { element: 'p1.newBuilding', is: 'true' },
            },
            { id: 'p2.tools', label: t('在用的应用', 'Tools in use'), type: 'choices', choices: 'tools' },
            {
              id: 'satisfied',
              label: t('满意', 'Satisfied'),
              type: 'count',
              unit: t('份', 'forms'),
              source: 'thirdParty',
            },
            {
              id: 'answered',
              label: t('有效问卷', 'Valid forms'),
              type: 'count',
              unit: t('份', 'forms'),
              source: 'thirdParty',
            },
            { id: 'routine', label: t('常规工作自评', 'Own score'), type: 'percent' },
          ],
        },
      ],
      rules: [
        { id: 'good', kind: 'atMost', part: { element: 'graduatesGood' }, whole: { element: 'graduates' }, perStage: true },
        { id: 'passed', kind: 'atMost', part: { element: 'passed' }, whole: { element: 'tested' } },
        {
          id: 'tested',
          kind: 'atMost',
          part: { element: 'tested' },
          whole: { element: 'pupils', stages: ['primary', 'junior', 'senior', 'vocational', 'special'] },
        },
        { id: 'satisfied', kind: 'atMost', part: { element: 'satisfied' }, whole: { element: 'answered' } },
      ],
    },
    {
      id: 'equipment',
      title: t('设备', 'Equipment'),
      units: { set: 'basic' },
      sections: [
        {
          id: 'network',
          title: t('网络', 'Network'),
          elements: [
            { id: 'bandwidth', label: t('带宽', 'Bandwidth'), type: 'decimal', unit: t('Gbps', 'Gbps'), stock: true },
            { id: 'places', label: t('教学场所', 'Places'), type: 'count', unit: t('个', 'places') },
            { id: 'wireless', label: t('无线场所', 'Wireless places'), type: 'count', unit: t('个', 'places') },
            { id: 'canteens', label: t('食堂', 'Canteens'), type: 'count', unit: t('家', 'canteens') },
            {
              id: 'canteensA',
              label: t('A级食堂', 'A-level canteens'),
              type: 'count',
              unit: t('家', 'canteens'),
              when: { term: { element: 'canteens' }, above: 0 },
            },
            { id: 'safety', label: t('平安等级', 'Safety'), type: 'choice', choices: 'safety' },
            { id: 'equipped', label: t('配齐', 'Equipped'), type: 'yesno' },
            {
              id: 'science',
              label: t('科学教室', 'Science rooms'),
              type: 'count',
              unit: t('间', 'rooms'),
              units: { set: 'schools' },
            },
            { id: 'art', label: t('艺术教室', 'Art rooms'), type: 'count', unit: t('间', 'rooms'), units: { set: 'schools' } },
          ],
        },
        {
          id: 'balance',
          title: t('均衡', 'Balance'),
          elements: [
            {
              id: 'backbone',
              label: t('骨干教师', 'Backbone teachers'),
              type: 'count',
              unit: t('人', 'teachers'),
              units: { set: 'balanced' },
              perStage: ['primary', 'junior'],
            },
            { id: 'area', label: t('用房面积', 'Area'), type: 'decimal', unit: t('平方米', 'm²'), units: { set: 'balanced' } },
          ],
        },
      ],
      rules: [
        { id: 'wireless', kind: 'atMost', part: { element: 'wireless' }, whole: { element: 'places' } },
        { id: 'canteensA', kind: 'atMost', part: { element: 'canteensA' }, whole: { element: 'canteens' } },
        // Across data sets: the pupils are typed in the basics.
        { id: 'backbone', kind: 'atMost', part: { element: 'backbone' }, whole: { element: 'pupils' }, perStage: true },
      ],
    },
    {
      id: 'bureau',
      title: t('区级数据', 'District'),
      units: { types: ['district', 'communitySchool'] },
      sections: [
        {
          id: 'district',
          title: t('全区', 'District'),
          elements: [
            {
              id: 'years',
              label: t('受教育年限', 'Years of schooling'),
              type: 'decimal',
              unit: t('年', 'years'),
              units: { types: ['district'] },
              source: 'bureau',
            },
            {
              id: 'visits',
              label: t('使用人次', 'Visits'),
              type: 'count',
              unit: t('人次', 'visits'),
              units: { types: ['district'] },
              source: 'bureau',
            },
            {
              id: 'modern',
              label: t('现代化等级', 'Modernisation'),
              type: 'choice',
              choices: 'grade',
              units: { types: ['district'] },
              source: 'bureau',
            },
            {
              id: 'seats',
              label: t('老年学位', 'Seats for the old'),
              type: 'count',
              unit: t('个', 'seats'),
              units: { types: ['communitySchool'] },
            },
          ],
        },
      ],
    },
  ],
  dimensions: [
    { id: 'pupils', title: t('学生', 'Pupils') },
    { id: 'district', title: t('全区', 'District') },
  ],
  indicators: [
    {
      id: '1',
      dimension: 'pupils',
      title: t('获奖人次', 'Awards'),
      parts: [
        {
          id: '1',
          title: t('获奖人次', 'Awards'),
          units: { set: 'basic' },
          measure: { kind: 'sum', of: { element: 'awards' } },
          better: 'atLeast',
          targets: { '2030': 100, '2031': 200, '2032': 300 },
        },
      ],
    },
    {
      id: '2',
      dimension: 'pupils',
      title: t('优良率', 'Good graduates'),
      parts: [
        {
          id: '2.primary',
          title: t('小学', 'Primary'),
          unit: t('%', '%'),
          units: { stages: ['primary'] },
          measure: {
            kind: 'ratio',
            part: { element: 'graduatesGood', stages: ['primary'] },
            whole: { element: 'graduates', stages: ['primary'] },
            times: 100,
          },
          better: 'atLeast',
          targets: { '2030': 90, '2031': 92, '2032': 95 },
        },
        {
          id: '2.junior',
          title: t('初中', 'Junior'),
          unit: t('%', '%'),
          units: { stages: ['junior'] },
          measure: {
            kind: 'ratio',
            part: { element: 'graduatesGood', stages: ['junior'] },
            whole: { element: 'graduates', stages: ['junior'] },
            times: 100,
          },
          better: 'atLeast',
        },
      ],
    },
    {
      id: '3',
      dimension: 'pupils',
      title: t('体质达标率', 'Fitness'),
      parts: [
        {
          id: '3',
          title: t('体质达标率', 'Fitness'),
          unit: t('%', '%'),
          units: { set: 'schools' },
          alsoIfReported: { types: ['vocational', 'special'] },
          measure: { kind: 'ratio', part: { element: 'passed' }, whole: { element: 'tested' }, times: 100 },
          better: 'atLeast',
          goal: { value: 90 },
        },
      ],
    },
    {
      id: '4',
      dimension: 'pupils',
      title: t('实践天数', 'Days of practice'),
      parts: [
        {
          id: '4',
          title: t('实践天数', 'Days of practice'),
          units: { set: 'schools' },
          measure: {
            kind: 'weightedMean',
            of: { element: 'practiceDays' },
            weight: { element: 'pupils', stages: ['primary', 'junior', 'senior'] },
          },
          better: 'atLeast',
          goal: { value: 7 },
        },
      ],
    },
    {
      id: '5',
      dimension: 'pupils',
      title: t('优质园', 'Good kindergartens'),
      parts: [
        {
          id: '5.quality',
          title: t('优质园在园幼儿占比', 'Children in good kindergartens'),
          units: { types: ['kindergarten'] },
          measure: {
            kind: 'share',
            has: { element: 'gardenGrade', in: ['p1', 'p2'] },
            weight: { element: 'pupils', stages: ['kindergarten'] },
          },
          better: 'atLeast',
          goal: { value: 90, by: '2032' },
        },
        {
          id: '5.inclusive',
          title: t('普惠占比', 'Inclusive'),
          units: { types: ['kindergarten'] },
          measure: { kind: 'share', has: { element: 'inclusive', is: 'true' } },
          better: 'atLeast',
          goal: { value: 95 },
        },
      ],
    },
    {
      id: '6',
      dimension: 'pupils',
      title: t('新增称号', 'New titles'),
      parts: [
        {
          id: '6',
          title: t('新增称号学校', 'Units with a new title'),
          units: { set: 'basic' },
          measure: { kind: 'count', has: { element: 'title', is: 'true' } },
          better: 'atLeast',
          targets: { '2030': 1, '2031': 2, '2032': 3 },
        },
        {
          id: '6.prizes',
          title: t('奖项', 'Prizes'),
          units: { set: 'basic' },
          measure: { kind: 'sum', of: { element: 'prizes' } },
          better: 'atLeast',
        },
      ],
    },
    {
      id: '7',
      dimension: 'district',
      title: t('校际差异', 'Differences between schools'),
      parts: [
        {
          id: '7.primary',
          title: t('小学', 'Primary'),
          units: { stages: ['primary'] },
          measure: { kind: 'variation', stages: ['primary'] },
          better: 'atMost',
          targets: { '2030': 0.5, '2031': 0.4, '2032': 0.3 },
        },
        {
          id: '7.junior',
          title: t('初中', 'Junior'),
          units: { stages: ['junior'] },
          measure: { kind: 'variation', stages: ['junior'] },
          better: 'atMost',
          targets: { '2030': 0.45, '2031': 0.35, '2032': 0.25 },
        },
        {
          id: '7.both',
          title: t('小学与初中', 'Primary and junior'),
          units: { stages: ['primary', 'junior'] },
          measure: { kind: 'variation', stages: ['primary', 'junior'] },
          better: 'atMost',
        },
      ],
    },
    {
      id: '8',
      dimension: 'district',
      title: t('全区', 'District'),
      parts: [
        {
          id: '8.years',
          title: t('受教育年限', 'Years'),
          units: { types: ['district'] },
          measure: { kind: 'entered', element: 'years' },
          better: 'atLeast',
          goal: { value: 12 },
        },
        {
          id: '8.visits',
          title: t('使用人次（万）', 'Visits'),
          units: { types: ['district'] },
          measure: { kind: 'entered', element: 'visits', divideBy: 10000 },
          better: 'above',
          goal: { value: 1.5 },
        },
        {
          id: '8.modern',
          title: t('现代化等级', 'Grade'),
          units: { types: ['district'] },
          measure: { kind: 'entered', element: 'modern' },
          better: 'atLeast',
          targets: { '2030': 'B', '2031': 'B', '2032': 'A' },
        },
        {
          id: '8.seats',
          title: t('老年学位（万）', 'Seats'),
          units: { types: ['communitySchool'] },
          measure: { kind: 'sum', of: { element: 'seats' }, divideBy: 10000, over: 'plan' },
          better: 'atLeast',
          goal: { value: 0.2, by: '2032' },
        },
      ],
    },
  ],
  hardware: {
    dataSet: 'equipment',
    checks: [
      {
        id: 'bandwidth',
        label: t('带宽', 'Bandwidth'),
        short: t('带宽', 'Net'),
        units: { set: 'basic' },
        elements: ['bandwidth'],
        meets: { term: { element: 'bandwidth' }, atLeast: 2.5 },
        demand: t('≥ 2.5 Gbps', '≥ 2.5 Gbps'),
      },
      {
        id: 'wireless',
        label: t('无线', 'Wireless'),
        short: t('无线', 'Wi-Fi'),
        units: { set: 'basic' },
        elements: ['wireless', 'places'],
        meets: { equal: [{ element: 'wireless' }, { element: 'places' }] },
        demand: t('全部', 'all'),
      },
      {
        id: 'canteens',
        label: t('食堂', 'Canteens'),
        short: t('食堂', 'Canteen'),
        units: { set: 'basic' },
        elements: ['canteensA', 'canteens'],
        meets: { equal: [{ element: 'canteensA' }, { element: 'canteens' }] },
        exempt: { term: { element: 'canteens' }, none: true },
        demand: t('全部 A 级', 'all A'),
      },
      {
        id: 'safety',
        label: t('平安', 'Safety'),
        short: t('平安', 'Safe'),
        units: { set: 'basic' },
        elements: ['safety'],
        meets: { element: 'safety', is: '5A' },
        demand: t('5A', '5A'),
      },
      {
        id: 'equipped',
        label: t('配齐', 'Equipped'),
        short: t('配齐', 'Full'),
        units: { set: 'basic' },
        elements: ['equipped'],
        meets: { element: 'equipped', is: 'true' },
        demand: t('是', 'yes'),
      },
      {
        id: 'rooms',
        label: t('功能教室', 'Rooms'),
        short: t('教室', 'Rooms'),
        units: { set: 'schools' },
        elements: ['science', 'art'],
        meets: {
          all: [
            { term: { element: 'science' }, above: 0 },
            { term: { element: 'art' }, above: 0 },
          ],
        },
        demand: t('各 1 间', 'one each'),
      },
      {
        id: 'garden',
        label: t('幼儿园等级', 'Grade'),
        short: t('等级', 'Grade'),
        units: { types: ['kindergarten'], ownership: 'private' },
        elements: ['gardenGrade'],
        meets: { element: 'gardenGrade', in: ['p1', 'p2'] },
        demand: t('省二级', 'level 2'),
      },
    ],
    goals: [
      {
        id: 'h.bandwidth',
        title: t('带宽达标', 'Bandwidth'),
        units: { set: 'basic' },
        measure: { kind: 'share', has: { term: { element: 'bandwidth' }, atLeast: 2.5 } },
        better: 'atLeast',
        goal: { value: 100, by: '2032' },
      },
      {
        id: 'h.wireless',
        title: t('无线全覆盖', 'Wireless'),
        units: { set: 'basic' },
        measure: { kind: 'share', has: { equal: [{ element: 'wireless' }, { element: 'places' }] } },
        better: 'atLeast',
        goal: { value: 100, by: '2032' },
      },
      {
        id: 'h.rooms',
        title: t('功能教室齐全', 'Rooms'),
        units: { set: 'schools' },
        measure: {
          kind: 'share',
          has: {
            all: [
              { term: { element: 'science' }, above: 0 },
              { term: { element: 'art' }, above: 0 },
            ],
          },
        },
        better: 'atLeast',
        goal: { value: 100, by: '2032' },
      },
      {
        id: 'h.canteensA',
        title: t('A级食堂', 'A canteens'),
        units: { set: 'basic' },
        measure: { kind: 'ratio', part: { element: 'canteensA' }, whole: { element: 'canteens' }, times: 100 },
        better: 'atLeast',
        goal: { value: 100, by: '2032' },
      },
    ],
  },
  balance: {
    pupils: 'pupils',
    units: { set: 'balanced' },
    minPupils: 50,
    weights: { kindergarten: 1, primary: 1, junior: 1.1, senior: 1.32, vocational: 1, special: 1 },
    indexes: [
      { id: 'backbone', label: t('骨干教师', 'Backbone'), element: 'backbone', per: 100, standard: standard(1, 1) },
      { id: 'area', label: t('用房', 'Area'), element: 'area', per: 1, standard: standard(4.5, 5.8) },
    ],
    standardMinIndexes: 1,
    standardFloorPercent: 85,
  },
  actions: [{ id: 'build', title: t('建设', 'Build') }],
  projects: [
    {
      id: 'p1',
      number: 1,
      title: t('新校', 'New schools'),
      action: 'build',
      lead: [t('发展科', 'Development')],
      responsible: [],
      figures: [
        {
          id: 'p1.plotRatio',
          title: t('容积率达标', 'Plot ratio'),
          units: { set: 'schools' },
          measure: {
            kind: 'share',
            has: { term: { element: 'p1.plotRatio' }, atLeast: 1.2 },
            among: { element: 'p1.newBuilding', is: 'true' },
          },
          better: 'atLeast',
          goal: { value: 100 },
        },
        {
          id: 'p1.title',
          title: t('三年有称号的学校', 'Units with a title in the plan'),
          units: { set: 'basic' },
          measure: { kind: 'count', has: { element: 'title', is: 'true' }, over: 'plan' },
          better: 'atLeast',
          goal: { value: 4, by: '2032' },
        },
        {
          id: 'p1.awards',
          title: t('三年获奖人次', 'Awards in the plan'),
          units: { set: 'basic' },
          measure: { kind: 'sum', of: { element: 'awards' }, over: 'plan' },
          better: 'atLeast',
          goal: { value: 500, by: '2032' },
        },
        {
          id: 'p1.any',
          title: t('有称号或有应用', 'Title or tool'),
          units: { set: 'basic' },
          measure: {
            kind: 'count',
            has: {
              any: [
                { element: 'title', is: 'true' },
                { element: 'p2.tools', is: 'gate' },
              ],
            },
          },
          better: 'atLeast',
        },
      ],
    },
  ],
  assessment: {
    weights: { routine: 40, performance: 40, satisfaction: 20 },
    routine: 'routine',
    performanceFigures: ['2.primary', '3', '4'],
    satisfaction: { part: { element: 'satisfied' }, whole: { element: 'answered' } },
  },
  inspections: {
    templates: [
      {
        id: 'campus',
        title: t('校园现场检查', 'Campus inspection'),
        units: { set: 'basic' },
        groups: [
          {
            id: 'net',
            title: t('网络', 'Network'),
            items: [
              { id: 'onSite.bandwidth', ask: t('带宽够吗', 'Is the net fast enough'), check: 'bandwidth', element: 'bandwidth' },
              { id: 'onSite.rooms', ask: t('有功能教室吗', 'Are there rooms'), check: 'rooms', units: { set: 'schools' } },
            ],
          },
          {
            id: 'kitchen',
            title: t('厨房', 'Kitchen'),
            items: [
              { id: 'onSite.canteens', ask: t('都是 A 级吗', 'Are all of level A'), check: 'canteens' },
              {
                id: 'gate',
                ask: t('大门关着吗', 'Is the gate shut'),
                phrases: [t('没关', 'open')],
                answersFor: t('门卫', 'gatekeeper'),
              },
            ],
          },
        ],
      },
    ],
  },
}

function standard(primary: number, junior: number) {
  return { kindergarten: 0, primary, junior, senior: 0, vocational: 0, special: 0 }
}

/** Parsed as any other document, so a fault in it fails every test with its path. */
export const smallPlan: Plan = parsed(smallDocument)

function parsed(document: PlanDocument): Plan {
  const result = parsePlan(document)
  if (!result.ok) throw new Error(JSON.stringify(result.fault))
  return result.value
}

export function unit(code: string, type: OrgUnitType, more: Partial<OrgUnit> = {}): OrgUnit {
  return { code, name: code, type, ownership: 'public', ...more }
}

/** Values as plain texts: `{ 'pupils.primary': '300' }`. */
export function values(texts: Readonly<Record<string, unknown>>): Values {
  return new Map<string, CellValue>(Object.entries(texts).map(([id, value]) => [id, { value }]))
}

export const notApplicable = (reason = '没有') => ({ absence: 'notApplicable', reason }) as const
export const notAvailable = (reason = '查不到') => ({ absence: 'notAvailable', reason }) as const

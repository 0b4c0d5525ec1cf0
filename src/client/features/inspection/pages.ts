/** The pages of inspections as one part of the app: whoever opens one of them opens the others, and the first load names one file, not seven. */
import AllFindings from './AllFindingsPage.vue'
import AllInspections from './AllInspectionsPage.vue'
import District from './DistrictPage.vue'
import Finding from './FindingPage.vue'
import Findings from './FindingsPage.vue'
import Inspection from './InspectionPage.vue'
import Inspections from './InspectionsPage.vue'
import Prepare from './PreparePage.vue'
import Record from './RecordPage.vue'

export const PAGES = { AllFindings, AllInspections, District, Finding, Findings, Inspection, Inspections, Prepare, Record }

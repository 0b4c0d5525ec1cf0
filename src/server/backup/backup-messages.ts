/** What the commands for backups say, in both languages. */
import type { Text } from '#domain/text'

const count = (number: number): string => String(number)
/** As a wall clock would say it where the command runs. */
const moment = (at: number): string => {
  const date = new Date(at)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}

export const backupMessages = {
  noDatabase: (file: string): Text => ({
    zh: `这里没有数据库：${file}。请用 DATA_DIR 指明数据文件夹。`,
    en: `There is no database at ${file}. Name the data folder in DATA_DIR.`,
  }),
  folder: (folder: string, problem: string): Text => ({
    zh: `备份文件夹 ${folder} 不能写入：${problem}`,
    en: `The folder ${folder} cannot be written to: ${problem}`,
  }),
  notMade: (problem: string): Text => ({
    zh: `备份没有做成，什么也没有留下：${problem}`,
    en: `The backup was not made, and nothing of it is left: ${problem}`,
  }),
  notSound: (differences: number, first: string): Text => ({
    zh: `备份没有通过核对（${count(differences)} 处不一致），不能作数：${first}。请运行 npm run ledger:verify 查看。`,
    en: `The backup did not pass its check (${count(differences)} differences) and does not count: ${first}. See npm run ledger:verify.`,
  }),
  made: (made: {
    readonly file: string
    readonly streams: number
    readonly mutations: number
    readonly bytes: number
  }): Text => ({
    zh: `备份已做好并核对无误：${made.file}（${count(made.streams)} 个单位，${count(made.mutations)} 条记录，${count(made.bytes)} 字节）`,
    en: `The backup is made, and checked: ${made.file} (${count(made.streams)} org units, ${count(made.mutations)} mutations, ${count(made.bytes)} bytes)`,
  }),
  recorded: (): Text => ({
    zh: '请保留最新的这一份：平板可以不再保存它里面已有的内容。',
    en: 'Keep this newest one: tablets need no longer keep what it holds.',
  }),
  notApart: (): Text => ({
    zh: '注意：这份备份就在数据文件夹里，硬盘坏了会一起丢；所以没有登记，平板会继续保存自己发过的内容。请备份到另一块盘：npm run backup -- 文件夹',
    en: 'Note: this backup lies in the data folder, and is lost together with it; it is therefore not recorded, and tablets go on keeping what they have sent. Back up to another disk: npm run backup -- FOLDER',
  }),
  notRecorded: (): Text => ({
    zh: '数据库是较早版本的，备份没有登记；平板会继续保存自己发过的内容。',
    en: 'The database is of an earlier version, so the backup is not recorded; tablets go on keeping what they have sent.',
  }),
  toolMissing: (tool: string): Text => ({
    zh: `找不到 PostgreSQL 的 ${tool}。请安装 PostgreSQL 的客户端程序，或用 POSTGRES_BIN 指明它所在的文件夹。`,
    en: `PostgreSQL's ${tool} was not found. Install PostgreSQL's client programs, or name their folder in POSTGRES_BIN.`,
  }),
  databaseInUse: (database: string): Text => ({
    zh: `数据库 ${database} 正在使用，请先停下所有服务器。什么也没有改动。`,
    en: `The database ${database} is in use; stop every server first. Nothing was changed.`,
  }),
  restoreUsage: (): Text => ({
    zh: '请写明备份文件：npm run restore -- 文件',
    en: 'Please name a backup: npm run restore -- FILE',
  }),
  noFile: (file: string): Text => ({
    zh: `读不到备份文件 ${file}，什么也没有改动。`,
    en: `The backup ${file} cannot be read. Nothing was changed.`,
  }),
  isTheDatabase: (file: string): Text => ({
    zh: `${file} 就是正在使用的数据库，不是备份。什么也没有改动。`,
    en: `${file} is the database itself, not a backup of it. Nothing was changed.`,
  }),
  changedSince: (file: string): Text => ({
    zh: `备份文件 ${file} 在核对之后被改动过，或没有复制完整。什么也没有改动。`,
    en: `The backup ${file} has changed since it was checked, or is not all there. Nothing was changed.`,
  }),
  notABackup: (file: string, problem: string): Text => ({
    zh: `${file} 不是完好的优学填报备份：${problem}。什么也没有改动。`,
    en: `${file} is not a sound backup of Youxue: ${problem}. Nothing was changed.`,
  }),
  newerExists: (file: string, at: number): Text => ({
    zh: `有更新的备份：${file}（${moment(at)}）。平板可能已不再保存它里面的内容，请恢复那一份；一定要用这一份，请加 --older。什么也没有改动。`,
    en: `There is a newer backup: ${file} (${moment(at)}). Tablets may no longer keep what it holds, so restore that one; to take this one all the same, add --older. Nothing was changed.`,
  }),
  running: (folder: string): Text => ({
    zh: `数据文件夹 ${folder} 正被服务器使用，请先停下服务器。什么也没有改动。`,
    en: `A server works on the data folder ${folder}; stop it first. Nothing was changed.`,
  }),
  restoreFailed: (problem: string): Text => ({
    zh: `恢复没有完成，原来的数据库没有改动：${problem}`,
    en: `The restore did not finish, and the database is as it was: ${problem}`,
  }),
  restored: (done: { readonly file: string; readonly mutations: number; readonly at: number | undefined }): Text => ({
    zh: `已恢复 ${done.file}${done.at === undefined ? '' : `（${moment(done.at)} 的备份）`}，共 ${count(done.mutations)} 条记录。`,
    en: `Restored ${done.file}${done.at === undefined ? '' : ` (of ${moment(done.at)})`}, with ${count(done.mutations)} mutations.`,
  }),
  keptAside: (file: string): Text => ({
    zh: `原来的数据库保留为 ${file}。`,
    en: `The database that was there is kept as ${file}.`,
  }),
  whatNext: (days: number): Text => ({
    zh: `现在可以启动服务器。备份之后的内容由各平板下次联网时补回，${count(days)} 天内有效；备份之后登录过的人需要重新登录。`,
    en: `Start the server now. What came after the backup is brought back by the tablets at their next contact, within ${count(days)} days; who signed in after it signs in again.`,
  }),
  verified: (found: {
    readonly streams: number
    readonly mutations: number
    readonly cells: number
    readonly devices: number
  }): Text => ({
    zh: `账本核对无误：${count(found.streams)} 个单位，${count(found.mutations)} 条记录，${count(found.cells)} 个数据项，${count(found.devices)} 台设备。`,
    en: `The ledger is sound: ${count(found.streams)} org units, ${count(found.mutations)} mutations, ${count(found.cells)} cells, ${count(found.devices)} devices.`,
  }),
  differs: (differences: number): Text => ({
    zh: `账本有 ${count(differences)} 处不一致：`,
    en: `The ledger differs from its log in ${count(differences)} places:`,
  }),
  andMore: (more: number): Text => ({ zh: `……另有 ${count(more)} 处`, en: `... and ${count(more)} more` }),
  filesCopied: (done: { readonly copied: number; readonly kept: number; readonly folder: string }): Text => ({
    zh: `佐证文件：新增 ${count(done.copied)} 个，已有 ${count(done.kept)} 个，在 ${done.folder}。`,
    en: `Files of evidence: ${count(done.copied)} copied, ${count(done.kept)} there before, in ${done.folder}.`,
  }),
  filesLacking: (lacking: number): Text => ({
    zh: `有 ${count(lacking)} 个佐证文件缺失或损坏，没有复制：`,
    en: `${count(lacking)} files of evidence are missing or damaged, and were not copied:`,
  }),
  filesNotCopied: (problem: string): Text => ({
    zh: `数据已备份，但佐证文件没有复制完：${problem}`,
    en: `The data are backed up, but not all files of evidence were copied: ${problem}`,
  }),
  filesNotRestored: (problem: string): Text => ({
    zh: `数据已恢复，但佐证文件没有复制完：${problem}。可以再运行一次。`,
    en: `The data are restored, but not all files of evidence were copied: ${problem}. It may be run once more.`,
  }),
  filesSound: (found: { readonly files: number; readonly bytes: number }): Text => ({
    zh: `佐证文件核对无误：${count(found.files)} 个，${count(found.bytes)} 字节。`,
    en: `The files of evidence are sound: ${count(found.files)} files, ${count(found.bytes)} bytes.`,
  }),
  filesDiffer: (faults: number): Text => ({
    zh: `有 ${count(faults)} 个佐证文件缺失或损坏：`,
    en: `${count(faults)} files of evidence are missing or damaged:`,
  }),
  filesAwaited: (awaited: number): Text => ({
    zh: `还有 ${count(awaited)} 个佐证文件在平板上，没有传到：`,
    en: `${count(awaited)} files of evidence are on tablets and have not arrived yet:`,
  }),
  unreadable: (file: string, problem: string): Text => ({
    zh: `数据库 ${file} 读不出来：${problem}`,
    en: `The database ${file} cannot be read: ${problem}`,
  }),
} as const

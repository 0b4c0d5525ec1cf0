/** What the server says on the console, in both languages. */
import type { Text } from '#domain/text'

export const configMessages = {
  port: (port: string): Text => ({
    zh: `配置有误：PORT 应为 0 到 65535 的整数，现在是“${port}”。`,
    en: `Wrong configuration: PORT must be a whole number from 0 to 65535, but is "${port}".`,
  }),
  host: (): Text => ({
    zh: '配置有误：HOST 是空的。请写地址，例如 127.0.0.1。',
    en: 'Wrong configuration: HOST is empty. Give an address, for example 127.0.0.1.',
  }),
  adminPassword: (min: number, max: number): Text => ({
    zh: `配置有误：ADMIN_PASSWORD 应有 ${String(min)} 到 ${String(max)} 个字符。`,
    en: `Wrong configuration: ADMIN_PASSWORD must have ${String(min)} to ${String(max)} characters.`,
  }),
  privateWebhooks: (text: string): Text => ({
    zh: `配置有误：WEBHOOK_ALLOW_PRIVATE 应为 0 或 1，现在是“${text}”。`,
    en: `Wrong configuration: WEBHOOK_ALLOW_PRIVATE must be 0 or 1, but is "${text}".`,
  }),
  dataFolder: (folder: string): Text => ({
    zh: `配置有误：数据文件夹 ${folder} 不能写入，也不能新建（DATA_DIR）。`,
    en: `Wrong configuration: the data folder ${folder} can neither be written to nor made (DATA_DIR).`,
  }),
  dataFolderEmpty: (): Text => ({
    zh: '配置有误：DATA_DIR 是空的。请写数据文件夹，例如 ./data。',
    en: 'Wrong configuration: DATA_DIR is empty. Give the data folder, for example ./data.',
  }),
  planChoice: (folder: string, found: number): Text => ({
    zh: `配置有误：${folder} 里应有一份计划文件，现在有 ${String(found)} 份。请用 PLAN 指明文件。`,
    en: `Wrong configuration: ${folder} should hold one plan document, but holds ${String(found)}. Name the file in PLAN.`,
  }),
  planUnreadable: (file: string): Text => ({
    zh: `配置有误：计划文件 ${file} 读不出来，或者不是 JSON。`,
    en: `Wrong configuration: the plan document ${file} cannot be read, or is no JSON.`,
  }),
  planUnsound: (file: string, path: string, message: Text): Text => ({
    zh: `配置有误：计划文件 ${file} 的 ${path}：${message.zh}`,
    en: `Wrong configuration: the plan document ${file} at ${path}: ${message.en}`,
  }),
  address: (host: string, port: number): Text => ({
    zh: `配置有误：地址 ${host}:${String(port)} 不能使用，可能已被别的程序占用（HOST、PORT）。`,
    en: `Wrong configuration: the address ${host}:${String(port)} cannot be used; another program may have it (HOST, PORT).`,
  }),
  folderInUse: (folder: string): Text => ({
    zh: `数据文件夹 ${folder} 正被另一个优学填报程序使用，请先停下它。`,
    en: `The data folder ${folder} is in use by another program of Youxue; stop that one first.`,
  }),
  database: (file: string, problem: string): Text => ({
    zh: `数据库 ${file} 打不开：${problem}`,
    en: `The database ${file} cannot be opened: ${problem}`,
  }),
  databaseUrl: (): Text => ({
    zh: '配置有误：DATABASE_URL 应为 postgres://用户:密码@主机:端口/数据库。',
    en: 'Wrong configuration: DATABASE_URL must be postgres://user:password@host:port/database.',
  }),
  databaseUnreachable: (database: string, problem: string): Text => ({
    zh: `数据库 ${database} 连不上，请看它是否在运行、地址是否正确（DATABASE_URL）：${problem}`,
    en: `The database ${database} cannot be reached; see whether it runs and whether the address is right (DATABASE_URL): ${problem}`,
  }),
  databaseSignIn: (database: string, problem: string): Text => ({
    zh: `数据库 ${database} 不接受这个用户名或密码（DATABASE_URL）：${problem}`,
    en: `The database ${database} does not accept this user or password (DATABASE_URL): ${problem}`,
  }),
  databaseMissing: (database: string, problem: string): Text => ({
    zh: `数据库 ${database} 不存在，请先建立，编码为 UTF8（DATABASE_URL）：${problem}`,
    en: `The database ${database} does not exist; make it first, with the encoding UTF8 (DATABASE_URL): ${problem}`,
  }),
  databaseRights: (database: string, problem: string): Text => ({
    zh: `数据库 ${database} 的用户不能建立或读写数据表，请让它成为数据库的所有者（DATABASE_URL）：${problem}`,
    en: `The user of the database ${database} may not make or use tables; make it the owner of the database (DATABASE_URL): ${problem}`,
  }),
  adminMade: (password: string): Text => ({
    zh: `已建立管理员帐号 admin，密码 ${password}（只显示这一次，请记下）`,
    en: `The account admin is made, with the password ${password} (shown only this once; write it down)`,
  }),
  ready: (address: string): Text => ({ zh: `优学填报已启动：${address}`, en: `Youxue is ready: ${address}` }),
  stopped: (): Text => ({ zh: '已停止，数据已保存。', en: 'Stopped; everything is stored.' }),
} as const

/** The same for two databases with the same columns and indexes. */
export const SHAPE = `select md5(string_agg(line, ';' order by line)) as shape from (
  select concat_ws(' ', table_name, column_name, data_type, is_nullable) as line from information_schema.columns
    where table_schema = 'public'
  union all select indexdef from pg_indexes where schemaname = 'public') as lines`

-- Points in coarser steps, so that a long curve is drawn without reading each of its points.
create table level (
  run integer not null references run (id) on delete cascade,
  metric integer not null,
  level integer not null,    -- 1: 64 steps in a row, 2: 4096
  bucket integer not null,   -- step / 64 or step / 4096
  step integer not null,     -- the last one
  points integer not null,
  number integer not null,   -- of points that are not NaN
  total real,                -- their sum
  least real,
  most real,
  primary key (run, metric, level, bucket)
) without rowid;
insert into level
  select run, metric, 1, step >> 6, max(step), count(*), count(value), sum(value), min(value), max(value)
  from point group by run, metric, step >> 6;
insert into level
  select run, metric, 2, bucket >> 6, max(step), sum(points), sum(number), sum(total), min(least), max(most)
  from level where level = 1 group by run, metric, bucket >> 6;
-- The next run and the next place of a long queue, without looking at each of its runs.
create index run_queue on run (ahead desc, priority desc, position, id) where state = 'QUEUED';
create index run_position on run (position);

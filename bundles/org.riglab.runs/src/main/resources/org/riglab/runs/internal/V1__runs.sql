-- Times are milliseconds since 1970; objects and lists are JSON text. A version that was released is
-- never edited: what changes becomes the next version.
create table run (
  id integer primary key autoincrement,
  name text not null,
  kind text not null,
  state text not null,
  wanted text not null default '',          -- what a running one shall become: PAUSED or CANCELLED
  network text not null,
  own integer not null default 0,           -- whether the run makes its network
  adopted integer not null default 0,       -- whether somebody else runs it, and we look on
  weights text not null default '',         -- file in the home that such a network starts from
  network_spec text not null default '{}',
  options text not null default '{}',       -- as asked for
  spec text not null default '{}',          -- complete; empty before the run has started
  seed integer not null default 0,
  priority integer not null default 0,
  position integer not null default 0,      -- in the queue, among equals
  ahead integer not null default 0,         -- whether it was cut off and goes first
  device text not null default 'auto',
  sweep integer not null default 0,
  replay_of integer not null default 0,
  data text not null default '{}',
  parts text not null default '{}',
  folder text unique,
  done integer not null default 0,
  total integer not null default 0,
  images_per_second real not null default 0,
  seconds_left real not null default 0,
  metrics text not null default '{}',       -- last values
  error text not null default '',
  submitted integer not null,
  started integer,
  ended integer,
  seconds real not null default 0,
  crashes integer not null default 0,       -- in a row, without a step between them
  crash_step integer not null default -1
);
create index run_state on run (state);
create table dependency (
  run integer not null references run (id) on delete cascade,
  after integer not null,
  primary key (run, after)
) without rowid;
create table metric (
  id integer primary key,
  name text not null unique
);
create table point (
  run integer not null references run (id) on delete cascade,
  metric integer not null,
  step integer not null,
  value real,                               -- null for NaN
  primary key (run, metric, step)
) without rowid;
create table event (
  sequence integer primary key autoincrement,
  time integer not null,
  run integer not null default 0,
  type text not null,
  text text not null
);
create index event_run on event (run, sequence);

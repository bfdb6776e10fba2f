alter table run add column note text not null default '';
alter table run add column bytes integer not null default 0; -- of its files, when they were last measured
alter table run add column files text not null default '';   -- ARCHIVED or MISSING where the folder is gone
alter table run add column indexed integer not null default 0; -- whether table field has what the columns have
create index run_indexed on run (id) where not indexed;
create index run_unmeasured on run (id) where bytes = 0 and files = '' and folder is not null;
create table tag (
  run integer not null references run (id) on delete cascade,
  name text not null,
  primary key (run, name)
) without rowid;
create index tag_name on tag (name, run);
create table field_name (
  id integer primary key,
  name text not null unique
);
-- Single values of specs, networks, data and metrics, for conditions and sorting.
create table field (
  name integer not null references field_name (id),
  run integer not null references run (id) on delete cascade,
  number real,
  text text not null,
  primary key (name, run)
) without rowid;
create index field_run on field (run);
create trigger run_described after update of spec, options, network_spec, data, metrics on run
  when new.indexed begin
    update run set indexed = 0 where id = new.id;
  end;
-- Not 0 any more where a run has ended.
update run set images_per_second = case when not json_valid(spec) then 0 when kind = 'EVAL' then done
    / seconds else coalesce(done * json_extract(spec, '$.batch')
    * coalesce(json_extract(spec, '$.accumulation'), 1) / seconds, 0) end
  where state in ('DONE', 'FAILED', 'CANCELLED') and seconds > 0;

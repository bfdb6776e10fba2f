alter table run add column failure text not null default ''; -- kind of RigException where the state is FAILED

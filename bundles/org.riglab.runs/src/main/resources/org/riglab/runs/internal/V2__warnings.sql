alter table run add column warnings text not null default '[]'; -- of the watchdog

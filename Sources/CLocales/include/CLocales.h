// An empty table of locales for programs that have Swift's libraries inside: Foundation brings 30 MB of them for dates, numbers
// and sorting in the world's languages, and Plimsoll asks for none. The Makefile names the table (PLIMSOLL_LOCALES); nothing is
// compiled otherwise. `make lint` refuses what would ask: Foundation's formatters of dates and numbers end a program that has no
// table.

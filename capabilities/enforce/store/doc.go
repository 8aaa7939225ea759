// Package store opens the database of the runtime, embedded SQLite or Postgres,
// and runs transactions on it that mean the same on both.
//
// A [DB.Write] is serializable and durable: when it returns nil, what it wrote is
// on disk and took place as if alone. What its function read and wrote is undone
// when anything in it failed. The function may run more than once and must do
// nothing outside the transaction.
//
// Time inside a transaction is [Tx.Now]: one instant for all parts that take part
// in it, from the clock the database was opened with, and never earlier than what
// the database has already seen.
package store

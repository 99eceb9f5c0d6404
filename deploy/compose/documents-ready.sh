#!/bin/sh
# Whether MongoDB takes writes; the first look makes the replica set of one.
exec mongosh --quiet --username titular --password "$(cat /run/secrets/titular/password)" --authenticationDatabase admin --eval '
  try { rs.status() } catch (error) { rs.initiate({ _id: "titular", members: [{ _id: 0, host: "documents:27017" }] }) }
  if (!db.hello().isWritablePrimary) quit(1)'

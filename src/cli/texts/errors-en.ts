/** English texts of the error codes. */

import type { ErrorCode } from '../../base/errors.ts';
import type { ErrorText } from './errors.ts';

export const englishErrors: Readonly<Record<ErrorCode, ErrorText>> = {
  'agent/enrol-refused': {
    message: 'the vault refused to enrol this machine',
    hint: 'Ask for a new invitation: sealift vault invite NAME on the vault.',
  },
  'agent/identity': {
    message: 'the server is not the vault that the invitation names',
    hint: 'Check the address; if it is right, ask for a new invitation.',
  },
  'agent/not-enrolled': {
    message: 'this machine is not enrolled with the vault[ {name}]',
    hint: 'Run sealift enroll URL --token TOKEN first.',
  },
  'agent/token': {
    message: 'the invitation token cannot be read',
    hint: 'Copy the token again, whole, from the output of sealift vault invite.',
  },
  'api/conflict': {
    message: 'that cannot be done as things stand[: {detail}]',
    hint: 'Read the page again and repeat the change.',
  },
  'api/forbidden': {
    message: 'the role {role} may not do this; it needs {needed}',
    hint: 'Ask an owner of the vault for the role, or to do it.',
  },
  'api/forgery': {
    message: 'the request does not come from a page of this vault',
    hint: 'Open the console anew; programs send the CSRF token of GET /session, or a bearer token.',
  },
  'api/internal': {
    message: 'the vault failed at this request',
    hint: 'Look into the log of the vault, and try again.',
  },
  'api/invalid': {
    message: 'the request is wrong[ at {field}][: {problem}]',
    hint: 'Compare it with /api/v1/openapi.json.',
  },
  'api/media-type': {
    message: 'the body must be {wanted}',
    hint: 'Send it with that Content-Type.',
  },
  'api/method': {
    message: 'this path does not know {method}',
    hint: 'Compare it with /api/v1/openapi.json.',
  },
  'api/not-found': {
    message: 'there is no such {what}',
    hint: 'It may have been removed; read the list again.',
  },
  'api/response': {
    message: 'the vault at {url} answered what this Sealift does not understand',
    hint: 'Update the older of the two.',
  },
  'api/sign-in': {
    message: 'name or password is wrong, or the certificate signs nobody in',
    hint: 'Try again; an owner can make a new password: sealift vault console-user.',
  },
  'api/throttled': {
    message: 'too many attempts',
    hint: 'Wait for {seconds} seconds.',
  },
  'api/too-large': {
    message: 'the request has more than {limit}',
    hint: 'Send less at once.',
  },
  'api/unauthenticated': {
    message: 'nobody is signed in',
    hint: 'Sign in again; programs need a token that is still good.',
  },
  'api/unavailable': {
    message: 'the vault cannot do this just now[: {detail}]',
    hint: 'Try again in a minute.',
  },
  'backend/corrupt': {
    message: 'a stored file is damaged[: {file}]',
    hint: 'Run sealift check --read-data to find out what is affected.',
  },
  'backend/exists': {
    message: 'the file exists already[: {file}]',
    hint: '',
  },
  'backend/forbidden': {
    message: 'the server or the file system forbids this',
    hint: 'Check the permissions; a vault in append-only mode refuses deletions.',
  },
  'backend/full': {
    message: 'there is no space left where the repository is stored',
    hint: 'Free some space there and run the command again; what was stored is reused.',
  },
  'backend/io': {
    message: 'reading or writing the repository failed[: {file}]',
    hint: 'Check the disk and the permissions of the repository.',
  },
  'backend/location': {
    message: 'the repository location cannot be understood',
    hint: 'Use /path, rest:https://host:port/name/ or sealift:NAME.',
  },
  'backend/not-found': {
    message: 'a file of the repository is missing[: {file}]',
    hint: 'Run sealift check to find out what is affected.',
  },
  'backend/protocol': {
    message: 'the server gave an answer that is not of the REST protocol',
    hint: 'Check that the address is that of a vault or a restic REST server.',
  },
  'backend/range': {
    message: 'a file of the repository is shorter than expected[: {file}]',
    hint: 'Run sealift check --read-data to find out what is affected.',
  },
  'backend/unauthorized': {
    message: 'the server does not accept the login',
    hint: 'Check the user name and password in the repository location, or the client certificate.',
  },
  'backend/unreachable': {
    message: 'the server cannot be reached',
    hint: 'Check the address and the network, and that the vault is running.',
  },
  'check/damaged': {
    message: 'the repository contains errors',
    hint: 'The lines above name what is damaged; restore and back up again what is affected.',
  },
  'door/certificate': {
    message: 'the certificate of the door cannot be used[: {path}]',
    hint: 'Give a certificate chain with --cert and its private key with --key, both as PEM.',
  },
  'door/listen': {
    message: 'the door cannot listen there[: {address}]',
    hint: 'Choose another address or port with --listen HOST:PORT.',
  },
  'facts/contradictory': {
    message: 'the facts contradict each other[: {file}][, {detail}]',
    hint: 'Collect the facts of this machine again; two machines may have been mixed.',
  },
  'facts/invalid': {
    message: 'this is not a facts document[: {file}][, field {field}][: {detail}]',
    hint: 'Collect the facts again; the schema is docs/schemas/facts.schema.json.',
  },
  'facts/newer': {
    message:
      'the facts are newer than this Sealift[: {file}][ has version {found}][, readable up to {supported}]',
    hint: 'Update Sealift here, or collect the facts again with this version.',
  },
  'facts/too-large': {
    message:
      "the file is too large to hold a machine's facts[: {file}][ has {size}][, the limit is {limit}]",
    hint: 'Name a .reg export, a hive (SYSTEM, SOFTWARE), a facts file or a folder with them.',
  },
  'facts/unreadable': {
    message: 'no facts can be read from this[: {file}][, {detail}]',
    hint: 'Name a .reg export, a hive (SYSTEM, SOFTWARE), a facts file, or the folder of a mounted Windows disk.',
  },
  'fix/changed': {
    message: '{what} was changed by somebody else',
    hint: 'Nothing was changed now. Run sealift doctor again and decide by what it says.',
  },
  'fix/forbidden': {
    message: 'cannot write {what}; nothing was changed',
    hint: 'Run the command as an administrator.',
  },
  'fix/incomplete': {
    message: '{what} is not as it should be after the change',
    hint: 'What was there before is kept in {file}.',
  },
  'fix/unknown-id': {
    message: 'there is no fix {id} in {folder}',
    hint: 'The folders there are named by the IDs that can be undone.',
  },
  'forget/incomplete': {
    message: '{count} snapshots could not be removed; {removed} were',
    hint: 'Run the same command again; what is left is removed then.',
  },
  'forget/refused': {
    message: 'the policy would leave nothing of the group[ {group}]; nothing was removed',
    hint: 'Keep at least one, as with --keep-last 1, or give --unsafe-allow-remove-all.',
  },
  'format/compression': {
    message: 'compressed data cannot be decompressed',
    hint: 'Run sealift check --read-data to find out what is affected.',
  },
  'format/config': {
    message: 'the config file of the repository is damaged',
    hint: 'Restore the file config from a copy of the repository.',
  },
  'format/index': {
    message: 'an index file is damaged[: {id}]',
    hint: 'Run sealift check to find out what is affected.',
  },
  'format/json': {
    message: 'a file of the repository has content that cannot be read[: {id}]',
    hint: 'Run sealift check to find out what is affected.',
  },
  'format/key': {
    message: 'a key file is damaged[: {id}]',
    hint: 'Use another key, or restore the file from a copy of the repository.',
  },
  'format/lock': {
    message: 'a lock file is damaged[: {id}]',
    hint: 'Run sealift unlock to remove stale locks.',
  },
  'format/mac': {
    message: 'encrypted data was changed or damaged[: {id}]',
    hint: 'Run sealift check --read-data to find out what is affected.',
  },
  'format/pack': {
    message: 'a pack file is damaged[: {id}]',
    hint: 'Run sealift check --read-data to find out what is affected.',
  },
  'format/snapshot': {
    message: 'a snapshot file is damaged[: {id}]',
    hint: 'Use another snapshot; sealift snapshots lists them.',
  },
  'format/tree': {
    message: 'a folder listing (tree) is damaged[: {id}]',
    hint: 'Run sealift check --read-data to find out what is affected.',
  },
  'format/unexpected-hash': {
    message: 'stored data does not match its name[: {id}]',
    hint: 'Run sealift check --read-data to find out what is affected.',
  },
  interrupted: {
    message: 'interrupted',
    hint: 'The repository is valid; run the command again to go on.',
  },
  'ledger/unknown-client': {
    message: 'the ledger knows no client or address {name}',
    hint: 'sealift clients --all lists whom it knows; --since DAYS looks further back.',
  },
  'lock/lost': {
    message: 'the lock of the repository was lost',
    hint: 'Run the command again; keep the machine awake and the connection up.',
  },
  'password/empty': {
    message: 'an empty password is not allowed',
    hint: 'Give a password, or --insecure-no-password if the repository shall have none.',
  },
  'password/missing': {
    message: 'no password was given',
    hint: 'Use --password-file, --password-command or SEALIFT_PASSWORD, or run it on a terminal.',
  },
  'password/wrong': {
    message: 'wrong password or no key found',
    hint: 'Check the password and that the location names the repository you mean.',
  },
  'prune/incomplete': {
    message: '{count} packs that nothing refers to could not be removed; {removed} were',
    hint: 'Run the same command again; what is left is removed then.',
  },
  'prune/refused': {
    message: 'something that a snapshot needs is missing, so nothing was removed',
    hint: 'Run sealift check to see what is affected, then restic repair index; prune again after that.',
  },
  'repository/append-only': {
    message: '{location} refuses to remove anything; every snapshot and all data are still there',
    hint: 'In append-only mode only the vault itself removes: ask its owner, or run the command on the machine of the vault, on the folder of the repository.',
  },
  'repository/exists': {
    message: 'a repository exists there already[: {location}]',
    hint: 'Use it as it is, or choose another location.',
  },
  'repository/locked': {
    message: 'the repository is locked[ by {holder}]',
    hint: 'Wait (--retry-lock 10m does), or run sealift unlock if the other process is gone.',
  },
  'repository/missing': {
    message: 'there is no repository[ at {location}]',
    hint: 'Check the location, or create the repository with sealift init.',
  },
  'repository/version': {
    message: 'the repository has a version that Sealift does not know[: {version}]',
    hint: 'Use a newer Sealift.',
  },
  'restore/incomplete': {
    message: 'some files could not be restored completely',
    hint: 'The lines above name them; everything else was restored.',
  },
  'restore/target': {
    message: 'the target of the restore cannot be written[: {path}]',
    hint: 'Choose a folder that you may write, with enough space.',
  },
  'snapshot/ambiguous': {
    message: 'several snapshots begin with this ID[: {id}]',
    hint: 'Give more digits of the ID; sealift snapshots lists them.',
  },
  'snapshot/blob-missing': {
    message: 'data that the snapshot needs is missing from the repository[: {id}]',
    hint: 'Run sealift check to find out what is affected.',
  },
  'snapshot/empty': {
    message: 'there is nothing to back up, so no snapshot was made',
    hint: 'Check the paths.',
  },
  'snapshot/not-found': {
    message: 'no such snapshot[: {id}]',
    hint: 'sealift snapshots lists what is there.',
  },
  'snapshot/path-not-found': {
    message: 'the snapshot has no such path[: {path}]',
    hint: 'sealift ls SNAPSHOT shows what is in it.',
  },
  'source/incomplete': {
    message: 'the snapshot was made, but some files could not be read',
    hint: 'The lines above name the files.',
  },
  'source/missing': {
    message: 'nothing to back up exists at the paths given[: {path}]',
    hint: 'Check the paths.',
  },
  'source/unreadable': {
    message: 'cannot be read[: {path}]',
    hint: 'Check the permissions.',
  },
  'tls/handshake': {
    message: 'the TLS handshake failed[: {host}]',
    hint: 'Check that the server speaks TLS 1.2 or 1.3 and that both sides share a suite and a group.',
  },
  'tls/plan': {
    message: 'the plan cannot be applied[: {found}]',
    hint: 'sealift policy check FILE explains contradictions; a date that moves needs --reason. Nothing was changed.',
  },
  'tls/policy': {
    message: 'the TLS policy does not allow this connection[: {host}]',
    hint: 'Update the side with the older TLS; the policy is the vault’s.',
  },
  'tls/policy-file': {
    message: '{file}, line {line} is wrong[: {field}]',
    hint: 'Mend the line and try again; sealift policy check FILE reads the file without applying it.',
  },
  'tls/retired': {
    message: 'the server refuses this connection because of its TLS[: {reason}]',
    hint: 'Update this machine or its backup program, so that it speaks what the server asks for.',
  },
  'tls/untrusted': {
    message: 'the certificate of the server is not trusted[: {host}]',
    hint: 'Name the certificate of its authority with --cacert FILE.',
  },
  'usage/invalid': {
    message: 'the command cannot be understood',
    hint: 'Run it with --help to see how it is used.',
  },
  'vault/certificate': {
    message: 'a certificate of the vault cannot be used[: {path}]',
    hint: 'Put the file right, or remove it to have the vault make a new one.',
  },
  'vault/config': {
    message: 'the configuration of the vault is not valid[: {path}]',
    hint: 'Put the named line right.',
  },
  'vault/data-folder': {
    message: 'the data folder of the vault cannot be used[: {path}]',
    hint: 'Name a folder that you may write with --data.',
  },
  'vault/listen': {
    message: 'the vault cannot listen there[: {address}]',
    hint: 'Choose another address or port with --listen HOST:PORT.',
  },
  'vault/notice': {
    message: 'a notice to an owner could not be delivered[ by {host}]',
    hint: 'Check the section notices of vault.yaml and what the receiver logs.',
  },
  'vault/ratchet': {
    message: 'the ratchet has nothing on this client[: {name}]',
    hint: 'sealift vault ratchet list shows what each client has proved.',
  },
  'vault/user': {
    message: 'the login cannot be used[: {name}]',
    hint: 'sealift vault user list shows the logins.',
  },
  'worker/failed': {
    message: 'a worker thread ended unexpectedly',
    hint: 'Run the command again; if it happens again, report it with the output of --verbose.',
  },
};

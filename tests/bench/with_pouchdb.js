// What PouchDB does with its server; run by alternatives.py with NODE_PATH at the installed packages.
//
// node with_pouchdb.js FOLDER DOCUMENTS    puts so many documents one by one, replicates them to a server
//                                          in a process of its own, from there to a second client, and asks
//                                          a view for a month. Prints one line of JSON: seconds.
// node with_pouchdb.js serve FOLDER        the server: LevelDB, loopback only; prints its port.
'use strict';

const { spawn } = require('child_process');
const { randomBytes } = require('crypto');
const path = require('path');
const PouchDB = require('pouchdb');

const seconds = async (work) => {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
};

// A payment with both of its accounts, as one document.
const payment = (number) => ({
  _id: randomBytes(16).toString('hex'),
  kind: 'PAYMENT',
  reference: `C1-R${String(number).padStart(6, '0')}`,
  customer_id: `customer ${number % 50}`,
  debit_account: 'CASH',
  credit_account: 'RECEIVABLE',
  amount_minor: 1000,
  business_date: `2026-${String(1 + (number % 12)).padStart(2, '0')}-15`,
  created_at: new Date().toISOString(),
});

const byMonth = {
  _id: '_design/months',
  views: {
    sums: {
      map: `function (doc) {
        if (!doc.amount_minor) return;
        var month = doc.business_date.slice(0, 7);
        emit([month, doc.debit_account], doc.amount_minor);
        emit([month, doc.credit_account], -doc.amount_minor);
      }`,
      reduce: '_sum',
    },
  },
};

const month = (db) => db.query('months/sums', { group: true, startkey: ['2026-03'], endkey: ['2026-03', {}] });

function serve(folder) {
  const express = require('express');
  const app = express();
  const Stored = PouchDB.defaults({ prefix: folder + path.sep });
  app.use('/', require('express-pouchdb')(Stored, {
    inMemoryConfig: true,
    logPath: path.join(folder, 'log.txt'),
  }));
  const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

function startServer(folder) {
  const child = spawn(process.execPath, [__filename, 'serve', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let told = '';
    child.stdout.on('data', (piece) => {
      told += piece;
      const port = /^\d+$/m.exec(told);
      if (port && told.endsWith('\n')) resolve({ child, url: `http://127.0.0.1:${port[0]}/shop` });
    });
    child.on('exit', () => reject(new Error('its server did not start')));
  });
}

async function measure(folder, documents) {
  const first = new PouchDB(path.join(folder, 'first'));
  const second = new PouchDB(path.join(folder, 'second'));
  const record_s = await seconds(async () => {
    for (let number = 0; number < documents; number += 1) await first.put(payment(number));
  });
  const { child, url } = await startServer(path.join(folder, 'server'));
  try {
    const push_s = await seconds(() => PouchDB.replicate(first, url));
    const pull_s = await seconds(() => PouchDB.replicate(url, second));
    const arrived = (await second.info()).doc_count;
    if (arrived !== documents) throw new Error(`${arrived} of ${documents} documents arrived`);
    await second.put(byMonth);
    const index_s = await seconds(() => month(second));
    const report_s = await seconds(() => month(second));
    const version = PouchDB.version;
    console.log(JSON.stringify({ version, record_s, push_s, pull_s, index_s, report_s }));
  } finally {
    child.removeAllListeners('exit');
    child.kill();
  }
}

const [command, argument] = process.argv.slice(2);
if (command === 'serve') {
  require('fs').mkdirSync(argument, { recursive: true });
  serve(argument);
} else {
  measure(command, Number(argument)).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}

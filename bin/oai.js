#!/usr/bin/env node
const { run, systemContext } = require('../dist/main.cjs');

run(process.argv.slice(2), systemContext(process)).then((code) => process.exit(code));

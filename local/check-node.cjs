/**
 * Loaded before main.ts, in the words of any Node.js: `npm run` takes the machine's own where the one of this project is not
 * installed, and an old one cannot read TypeScript.
 */
'use strict';

var fs = require('fs');
var path = require('path');

var wanted = 26;
var project = path.dirname(__dirname);
var isOld = parseInt(process.versions.node, 10) < wanted;

if (isOld || !fs.existsSync(path.join(project, 'node_modules'))) {
  process.stderr.write(
    (isOld
      ? 'Flint runs on Node.js ' + wanted + ', and this is ' + process.versions.node + ' (' + process.execPath + ').\n'
      : 'The packages that Flint needs are not installed.\n') +
      'Run npm ci first, without --ignore-scripts: its install scripts bring Node.js ' +
      wanted +
      ' into node_modules.\n',
  );
  process.exit(1);
}

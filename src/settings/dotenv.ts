// Loaded lazily, and dotenv through it: bundled code sees the names of a CommonJS package only where it is
// imported statically.
export { parse as parseDotenv } from 'dotenv';

#!/usr/bin/env node
import '../dist/apps/embedded/src/main.js';

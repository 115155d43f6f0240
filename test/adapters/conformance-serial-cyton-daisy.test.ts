import { tryDevice } from './try-serial-device.js';

tryDevice('cyton with Daisy');

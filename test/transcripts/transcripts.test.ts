import { playFolder } from './player'

playFolder('transcripts', (file) => !file.startsWith('real-'))

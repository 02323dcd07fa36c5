// The requests of Vlens' documentation, as it writes them for JavaScript: front, back and face of one person.
//
// What is sent comes as JSON on standard input: the base of the URL, the key, the token, and the images. What came back
// is written as JSON to standard output.

import { readFileSync } from 'node:fs';
import axios from 'axios';

const given = JSON.parse(readFileSync(0, 'utf8'));
const API_KEY = given.key;
const ACCESS_TOKEN = given.token;
const headers = {
  'Content-Type': 'application/json',
  'ApiKey': API_KEY,
  'Authorization': `Bearer ${ACCESS_TOKEN}`
};

function post(step, data) {
  const API_URL = `${given.base}/api/DigitalIdentity/verify/${step}`;
  return axios.post(API_URL, data, { headers })
    .then(response => response.data)
    .catch(error => {
      console.error(error.response ? error.response.data : error.message);
      process.exit(1);
    });
}

const front = await post('id/front', {
  transaction_id: null,
  image: given.front
});
const transaction_id = front.data.idFrontData.transaction_id;
const back = await post('id/back', {
  transaction_id,
  image: given.back
});
const [face_1, face_2, face_3] = given.faces;
const face = await post('liveness/multi', { transaction_id, face_1, face_2, face_3 });
console.log(JSON.stringify([front, back, face]));

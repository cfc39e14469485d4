import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { BrowserRouter } from "react-router";
import { client } from "./api/queries";
import { watchHistory } from "./parts/holdBack";
import { Console } from "./routes";
import { nonce, theme } from "./theme/theme";

watchHistory();

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <Console />
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  );
}
